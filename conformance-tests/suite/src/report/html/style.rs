//! How the page looks: in daylight, in the dark, on a phone and on paper.

use crate::report::Mark;

/// The class that gives a mark its colour.
pub(super) fn class(mark: Mark) -> &'static str {
    match mark {
        Mark::WronglyAccepted | Mark::KnownWrongAcceptance => "wrong",
        Mark::Failed | Mark::Error | Mark::Stale => "bad",
        Mark::Deviation => "known",
        Mark::Unsupported | Mark::Noted => "quiet",
        Mark::PassWithoutReason | Mark::Pass => "good",
    }
}

/// Colours have a contrast of at least 4.5 to 1 with what they stand on (WCAG 2, AA).
pub(super) const STYLE: &str = r"
:root { --paper: #fff; --ink: #1b1b1b; --quiet: #5a5a5a; --line: #d5d5d5; --band: #f4f4f2;
  --good: #1a6b2d; --bad: #a3330a; --known: #7a5200; --wrong-ink: #fff; --wrong: #b00020;
  --link: #0b57a4; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #16181b; --ink: #e8e8e6; --quiet: #a9adb3; --line: #3a3e44; --band: #1f2226;
    --good: #7fd18f; --bad: #ff9d73; --known: #e5bb5c; --wrong-ink: #16181b; --wrong: #ff8a95;
    --link: #8cc2ff; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 80rem; padding: 1rem; background: var(--paper);
  color: var(--ink); font: 1rem/1.45 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; margin: 0.5rem 0; }
h2 { font-size: 1.2rem; margin: 2rem 0 0.5rem; }
h3 { font-size: 1rem; margin: 1.2rem 0 0.4rem; font-weight: 600; }
a { color: var(--link); }
code, pre { font: 0.85em/1.4 ui-monospace, monospace; }
pre { margin: 0.3rem 0; padding: 0.4rem; background: var(--band); white-space: pre-wrap; }
.note { color: var(--quiet); font-size: 0.9rem; }
.scroll { overflow-x: auto; border: 1px solid var(--line); }
.scroll:focus-visible, summary:focus-visible, a:focus-visible { outline: 3px solid var(--link); }
table { border-collapse: collapse; width: 100%; }
th, td { border: 1px solid var(--line); padding: 0.3rem 0.5rem; text-align: left;
  vertical-align: top; font-weight: normal; }
thead th { background: var(--band); font-weight: 600; overflow-wrap: normal; }
.counts td { text-align: right; font-variant-numeric: tabular-nums; }
.matrix tbody th { min-width: 14rem; max-width: 24rem; position: sticky; left: 0;
  background: var(--paper); }
.matrix td { min-width: 6rem; }
.matrix details p, .matrix details ol { margin: 0.4rem 0; }
.matrix ol { padding-left: 1.2rem; }
.matrix .cell[open] { min-width: 18rem; }
summary { cursor: pointer; }
.word { font-size: 0.85rem; }
.sign { font-weight: 700; }
.good { color: var(--good); } .bad { color: var(--bad); } .known { color: var(--known); }
.quiet { color: var(--quiet); }
.sign.wrong { background: var(--wrong); color: var(--wrong-ink); padding: 0 0.3em; border-radius: 3px; }
ul.wrong, ul.wrong ul { padding-left: 1.2rem; } ul.wrong > li { margin-bottom: 0.6rem; }
.legend div { display: grid; grid-template-columns: minmax(9rem, 14rem) 1fr; gap: 0.5rem; }
.legend dd { margin: 0; }
tr:target th { box-shadow: inset 4px 0 0 var(--link); }
@media (max-width: 40rem) { .legend div { grid-template-columns: 1fr; gap: 0; margin-bottom: 0.4rem; }
  .matrix tbody th { min-width: 9rem; max-width: 45vw; } }
@media print { :root { --paper: #fff; --ink: #000; --quiet: #444; --line: #888; --band: #eee; }
  body { max-width: none; font-size: 9pt; } .scroll { overflow: visible; border: 0; }
  .matrix tbody th { position: static; } tr, li { break-inside: avoid; } thead { display: table-header-group; } }
";
