// @ts-check
import { anchorOf, componentNames, rules } from '@signalbox/component-status';
import { withGeneratedPart } from './generated-part.mjs';
import { code, table } from './tables.mjs';

/**
 * docs/operations.md with the tables of the rules as they are now. Needs a build.
 * @param {string} page
 */
export const withRules = (page) =>
  withGeneratedPart(page, {
    from: 'the rules of libs/component-status. Change the texts there.',
    content: componentNames.map(tableOf).join('\n\n'),
  });

/** @param {import('@signalbox/component-status').ComponentName} component */
function tableOf(component) {
  const rows = rules
    .filter((rule) => rule.component === component)
    .map((rule) => [
      // The anchor that `documentation` in GET /v1/status/explain names.
      `<a id="${anchorOf(rule.id)}"></a>${code(rule.id)}`,
      rule.status,
      rule.when,
      (rule.explainedBy ?? []).map(code).join(', ') || '–',
      rule.remedy,
    ]);
  return `**${component}**\n\n${table(['rule', 'status', 'applies when', 'an effect of', 'what to do'], rows)}`;
}
