/** Colours of the editor's theme, as they are now. */
export type Theme = {
  text: string;
  grid: string;
  series: string[];
  bound: string;
  back: string;
  font: { family: string; size: number };
  hover: { text: string; back: string; border: string };
};

const SERIES = ['blue', 'orange', 'green', 'purple', 'yellow'];

/** Reads the theme from the variables that the editor gives its pages. */
export function readTheme(): Theme {
  const style = getComputedStyle(document.body);
  const value = (name: string, otherwise: string) =>
    style.getPropertyValue(`--vscode-${name}`).trim() || otherwise;
  const text = value('editor-foreground', 'CanvasText');
  return {
    text,
    grid: value('editorWidget-border', value('charts-lines', text)),
    series: SERIES.map((name) => value(`charts-${name}`, text)),
    bound: value('charts-red', text),
    back: value('editor-background', 'Canvas'),
    hover: {
      text: value('editorHoverWidget-foreground', text),
      back: value('editorHoverWidget-background', 'Canvas'),
      border: value('editorHoverWidget-border', text),
    },
    font: { family: style.fontFamily, size: Number.parseFloat(style.fontSize) },
  };
}

/** Runs `changed` when the person chooses another theme: the editor then changes the body. */
export function onThemeChange(changed: () => void): void {
  const observer = new MutationObserver(changed);
  observer.observe(document.body, { attributes: true, attributeFilter: ['class'] });
}
