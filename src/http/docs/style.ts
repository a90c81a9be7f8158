/** How the page of the description looks: the system's own fonts, light or dark as the reader has it. */
export const STYLE = `
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#57606a;--paper:#fff;--pane:#f6f8fa;--line:#d0d7de;--link:#0550ae;--focus:#bf3989}
@media(prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#9da7b3;--paper:#0d1117;--pane:#161b22;--line:#3d444d;--link:#79c0ff;--focus:#ff9bce}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
a{color:var(--link)}
:focus-visible{outline:3px solid var(--focus);outline-offset:2px}
.skip{position:absolute;left:-999rem}
.skip:focus{left:1rem;top:1rem;background:var(--paper);padding:.5rem}
.frame{display:grid;grid-template-columns:minmax(14rem,19rem) minmax(0,1fr);max-width:90rem;margin:0 auto}
nav{position:sticky;top:0;align-self:start;max-height:100vh;overflow:auto;padding:1.5rem 1rem;font-size:.875rem}
nav h2{font-size:.875rem;margin:1rem 0 .25rem}
nav ul{list-style:none;margin:0;padding:0}
main{padding:1.5rem;min-width:0}
section{border-top:1px solid var(--line);padding:1rem 0 2rem;scroll-margin-top:1rem}
h1{margin:0}
h3{margin:0 0 .25rem;font-size:1.125rem}
h4{margin:1.25rem 0 .25rem;font-size:1rem}
.address{overflow-wrap:anywhere}
.method{display:inline-block;min-width:4rem;font-weight:700}
.soft{color:var(--soft)}
code,pre{font:.875rem/1.5 ui-monospace,monospace}
pre{background:var(--pane);border:1px solid var(--line);border-radius:6px;padding:.75rem;margin:.25rem 0;overflow:auto;max-height:30rem}
.whole{user-select:all}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.875rem}
th,td{text-align:left;vertical-align:top;padding:.25rem .5rem;border-bottom:1px solid var(--line)}
summary{cursor:pointer}
button{font:inherit;font-size:.875rem;padding:.125rem .75rem;border:1px solid var(--line);border-radius:6px;background:var(--pane);color:inherit;cursor:pointer}
@media(max-width:60rem){.frame{display:block}nav{position:static;max-height:none}}
@media(prefers-reduced-motion:no-preference){html{scroll-behavior:smooth}}
`;

/** All that the page does by itself: it copies the line above a button, and says so. */
export const SCRIPT = `
document.addEventListener('click',async(event)=>{
const button=event.target.closest('button[data-copies]');
if(!button)return;
const line=document.getElementById(button.dataset.copies);
try{await navigator.clipboard.writeText(line.textContent);button.textContent='Copied'}
catch{getSelection().selectAllChildren(line);button.textContent='Selected'}
setTimeout(()=>{button.textContent='Copy'},2000);
});
`;
