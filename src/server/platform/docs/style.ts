/** The style of `/docs`. */
export const style = `
:root { color-scheme: light dark; --line: color-mix(in srgb, CanvasText 18%, Canvas); --soft: color-mix(in srgb, CanvasText 6%, Canvas); }
* { box-sizing: border-box; }
body { margin: 0; font: 15px/1.55 system-ui, sans-serif; background: Canvas; color: CanvasText; }
main { max-width: 62rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.25rem; margin: 2.5rem 0 .25rem; }
nav ul { columns: 18rem; list-style: none; padding: 0; } nav a { text-decoration: none; }
code, pre, textarea, input { font: 13px/1.5 ui-monospace, monospace; }
pre { background: var(--soft); padding: .75rem; overflow: auto; max-height: 28rem; white-space: pre-wrap; overflow-wrap: anywhere; }
details.operation { border: 1px solid var(--line); border-radius: 6px; margin: .5rem 0; }
details.operation > summary { padding: .5rem .75rem; cursor: pointer; }
details.operation > div { padding: 0 .75rem .75rem; }
.method { display: inline-block; min-width: 4.2rem; font-weight: 600; }
.old { text-decoration: line-through; }
table { border-collapse: collapse; width: 100%; } td, th { text-align: left; vertical-align: top; padding: .3rem .6rem .3rem 0; border-bottom: 1px solid var(--line); }
label { display: block; margin: .5rem 0 .15rem; } input, textarea { width: 100%; padding: .35rem; } textarea { min-height: 8rem; }
button { margin: .6rem 0; padding: .35rem 1rem; font: inherit; }
:focus-visible { outline: 2px solid Highlight; outline-offset: 2px; }
`;
