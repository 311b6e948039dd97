/** Whether a binding key takes a routing key, as topic exchanges decide. */
export function takesKey(binding: string, key: string): boolean {
  const pattern = binding
    .split('.')
    .map((word) => (word === '#' ? '.*' : word === '*' ? '[^.]+' : word.replace(/[{}]/g, '\\$&')))
    .join('\\.')
    .replace('\\..*', '(\\..*)?');
  return new RegExp(`^${pattern}$`).test(key);
}
