// @ts-check

/** What a terminal may be shown of what strangers sent: nothing that moves its cursor. @param {string} text */
export const harmless = (text) => text.replaceAll(/(?![\n\t])\p{Cc}/gu, '\ufffd');
