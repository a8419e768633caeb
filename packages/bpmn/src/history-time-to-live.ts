/** `camunda:historyTimeToLive`: how long the history of ended instances is kept. */

/** Days of `30` or `P30D`, the two forms that Camunda 7 reads; undefined for any other text. */
export function daysToLive(text: string): number | undefined {
  const days = /^(?:P(\d{1,6})D|(\d{1,6}))$/.exec(text.trim());
  return days === null ? undefined : Number(days[1] ?? days[2]);
}
