/** Results as a table to read, and as lines of JSON. */
import type { Result } from "./bench.ts";

/** Whether a result meets its goal; undefined when it has none. */
export function isMet({ goal, ratio, ours }: Result): boolean | undefined {
  if (!goal) return undefined;
  const figure = ratio?.median ?? ours;
  return "atLeast" in goal ? figure >= goal.atLeast : figure <= goal.atMost;
}

/** One line a result, its columns aligned. */
export function tableOf(results: readonly Result[]): string {
  const lines = results.map((result) => {
    const { work, unit, ours, ceiling, ratio, cpuRatio } = result;
    const met = isMet(result);
    return [
      work,
      `${figure(ours)} ${unit}`,
      ceiling === undefined ? "–" : `${figure(ceiling)} ${unit}`,
      ratio ? ratio.median.toFixed(2) : "–",
      ratio ? `${ratio.low.toFixed(2)} … ${ratio.high.toFixed(2)}` : "–",
      cpuRatio === undefined ? "–" : cpuRatio.toFixed(2),
      goalText(result),
      met === undefined ? "–" : met ? "yes" : "NO",
    ];
  });
  const head = ["work", "ours", "ceiling", "ratio", "spread", "by cpu", "goal", "met"];
  const widths = head.map((_, i) => Math.max(...[head, ...lines].map((line) => line[i]!.length)));
  const isText = (column: number) => column === 0 || column === head.length - 1;
  const format = (line: readonly string[]) =>
    line.map((word, i) => isText(i) ? word.padEnd(widths[i]!) : word.padStart(widths[i]!))
      .join("  ").trimEnd();
  return [format(head), widths.map((width) => "-".repeat(width)).join("  "), ...lines.map(format)]
    .join("\n");
}

function goalText({ goal, ratio, unit }: Result): string {
  if (!goal) return "–";
  const suffix = ratio ? "" : ` ${unit}`;
  return "atLeast" in goal ? `≥ ${goal.atLeast}${suffix}` : `≤ ${goal.atMost}${suffix}`;
}

function figure(value: number): string {
  const digits = value < 10 ? 2 : value < 100 ? 1 : 0;
  return value.toLocaleString("en", { maximumFractionDigits: digits });
}
