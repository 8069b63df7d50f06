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
///
/// A wide table scrolls by itself, both ways, so that its headings can stay in sight: they
/// would not stay, were it the page that is scrolled downwards. Borders are each cell's own
/// (`separate`), since shared ones are left behind by a cell that stays.
///
/// On paper nothing scrolls and nothing opens: there the cells are signs alone under upright
/// names, so that twenty columns have room, and what is not as expected stands in the lists
/// before the tables. The headings are kept low: a browser does not repeat what takes up a
/// quarter of the page.
pub(super) const STYLE: &str = r#"
:root { --paper: #fff; --ink: #1b1b1b; --quiet: #5a5a5a; --line: #d5d5d5; --band: #f4f4f2;
  --good: #1a6b2d; --bad: #a3330a; --known: #7a5200; --wrong-ink: #fff; --wrong: #b00020;
  --link: #0b57a4; }
@media screen and (prefers-color-scheme: dark) {
  :root { --paper: #16181b; --ink: #e8e8e6; --quiet: #a9adb3; --line: #3a3e44; --band: #1f2226;
    --good: #7fd18f; --bad: #ff9d73; --known: #e5bb5c; --wrong-ink: #16181b; --wrong: #ff8a95;
    --link: #8cc2ff; } }
* { box-sizing: border-box; }
body { margin: 0; padding: 1rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.45 system-ui, sans-serif; overflow-wrap: break-word; }
header, nav, section > p, section > ul, section > dl { max-width: 60rem; }
h1 { font-size: 1.6rem; margin: 0.5rem 0; }
h2 { font-size: 1.2rem; margin: 2rem 0 0.5rem; }
h3 { font-size: 1rem; margin: 1.2rem 0 0.4rem; font-weight: 600; }
a { color: var(--link); }
code, pre { font: 0.85em/1.4 ui-monospace, monospace; overflow-wrap: anywhere; }
pre { margin: 0.3rem 0; padding: 0.4rem; background: var(--band); white-space: pre-wrap; }
.note { color: var(--quiet); font-size: 0.9rem; }
nav ul { list-style: none; margin: 0; padding: 0; display: flex; flex-wrap: wrap; gap: 0.2rem 1rem; }
nav a { display: inline-block; padding: 0.25rem 0; }
.scroll { overflow: auto; max-height: 88vh; max-height: 88dvh; width: fit-content; max-width: 100%;
  border: 1px solid var(--line); }
.scroll:focus-visible, summary:focus-visible, a:focus-visible { outline: 3px solid var(--link); }
table { border-collapse: separate; border-spacing: 0; }
th, td { border: 0 solid var(--line); border-width: 0 1px 1px 0; padding: 0.3rem 0.5rem;
  text-align: left; vertical-align: top; font-weight: normal; }
tr > :last-child { border-right-width: 0; }
tbody tr:last-child > * { border-bottom-width: 0; }
thead th { background: var(--band); font-weight: 600; position: sticky; top: 0; z-index: 1; }
tbody th { background: var(--paper); position: sticky; left: 0; }
thead th:first-child { left: 0; z-index: 2; }
.counts td { text-align: right; font-variant-numeric: tabular-nums; }
.counts .none { color: var(--quiet); }
.matrix tbody th { min-width: 16rem; max-width: 24rem; }
.matrix.pairs tbody th { min-width: 0; }
.matrix td { min-width: 6.5rem; }
.matrix details p, .matrix details ol { margin: 0.4rem 0; }
.matrix ol { padding-left: 1.2rem; }
.matrix .cell[open] { width: 20rem; }
summary { cursor: pointer; }
.cell summary { display: flex; gap: 0.35em; list-style: none; }
.cell summary::-webkit-details-marker { display: none; }
.cell summary::before { content: "▸"; content: "▸" / ""; color: var(--quiet); }
.cell[open] summary::before { content: "▾"; content: "▾" / ""; }
.sign { font-weight: 700; white-space: nowrap; }
.word { font-size: 0.85rem; }
.good { color: var(--good); } .bad { color: var(--bad); } .known { color: var(--known); }
.quiet { color: var(--quiet); }
.sign.wrong { background: var(--wrong); color: var(--wrong-ink); padding: 0 0.3em; border-radius: 3px;
  align-self: flex-start; }
.findings, .asked { list-style: none; padding: 0; }
.findings li { margin-bottom: 0.6rem; } .findings p { margin: 0; }
.findings strong { font-weight: 600; }
.legend div { display: grid; grid-template-columns: minmax(9rem, 16rem) 1fr; gap: 0.5rem; }
.legend dd { margin: 0; }
tr { scroll-margin-top: 5rem; }
tr:target th { box-shadow: inset 4px 0 0 var(--link); }
@media (max-width: 40rem) { .legend div { grid-template-columns: 1fr; gap: 0; margin-bottom: 0.4rem; }
  .matrix tbody th { min-width: 9rem; max-width: 45vw; } .matrix .cell[open] { width: 15rem; } }
@page { size: landscape; margin: 12mm; }
@media print {
  html { font-size: 8.5pt; } body { padding: 0; }
  header, nav, section > p, section > ul, section > dl { max-width: none; }
  nav, summary::marker, .cell summary::before { display: none; content: none; }
  .scroll { overflow: visible; max-height: none; max-width: none; border: 0; }
  table { border: solid var(--line); border-width: 1px; }
  thead { display: table-header-group; }
  thead th, tbody th { position: static; }
  h2, h3 { break-after: avoid; } tr, li { break-inside: avoid; }
  .matrix, .counts { width: 100%; }
  .matrix tbody th { min-width: 60mm; max-width: none; }
  .matrix .over { writing-mode: vertical-rl; max-height: 24mm; line-height: 1.1; }
  .matrix td { min-width: 0; padding: 0.5mm; text-align: center; }
  .matrix .cell, .matrix .cell[open] { width: auto; }
  .matrix .cell summary { display: block; }
  .matrix .word, .matrix .cell > :not(summary) { display: none; }
  .matrix .cell::details-content { display: none; }
}
"#;
