"""The look of the ranking report: light, one column, readable without pictures and in print."""

from __future__ import annotations

STYLE = """
:root{color-scheme:light;--ink:#1d2733;--muted:#566374;--line:#d9dfe6;--soft:#f5f7f9;--own:#0b5cad;--good:#0f6b45;--bad:#a3341c}
*{box-sizing:border-box}
body{margin:0;background:#fff;color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",sans-serif}
main{max-width:74rem;margin:0 auto;padding:2.5rem 1.5rem 4rem}
.kicker{margin:0;color:var(--muted);font-size:.875rem}
h1{margin:.1rem 0 1rem;font-size:2rem;line-height:1.2;letter-spacing:-.01em}
h2{margin:0 0 .5rem;font-size:1.4rem}
h3{margin:2.25rem 0 .5rem;font-size:1.06rem}
p{max-width:46rem;margin:.5rem 0}
section{margin-top:3.5rem;padding-top:1.75rem;border-top:1px solid var(--line)}
nav{display:flex;flex-wrap:wrap;gap:.4rem 1.25rem;margin-top:1.25rem}
a{color:var(--own)}
a:focus-visible,summary:focus-visible,.wide:focus-visible{outline:2px solid var(--own);outline-offset:3px}
.note{padding:.5rem .85rem;background:var(--soft);border-radius:6px;font-size:.925rem;overflow-wrap:anywhere}
.count{color:var(--muted);font-size:.925rem}
.wide{overflow-x:auto;margin:1rem 0}
table{border-collapse:collapse;width:100%;font-size:.85rem;font-variant-numeric:tabular-nums}
caption{text-align:left;color:var(--muted);padding-bottom:.4rem}
th,td{padding:.42rem .6rem;text-align:right;white-space:nowrap;border-bottom:1px solid var(--line);vertical-align:top}
th:first-child{text-align:left;font-weight:500;position:sticky;left:0;background:#fff;min-width:9.5rem;max-width:16rem;white-space:normal}
thead th{font-weight:600;border-bottom:2px solid var(--line);vertical-align:bottom}
thead th:first-child{font-weight:600}
tr.own th,tr.own td{background:#eef4fb}
tr.own th{color:var(--own);font-weight:700}
td.best{font-weight:700}
.range{display:block;color:var(--muted);font-size:.78rem;font-weight:400}
th .range{display:inline}
thead th{white-space:normal}
.said{display:block;font-size:.78rem}
.up .said{color:var(--good);font-weight:600}
.down .said{color:var(--bad);font-weight:600}
.same .said,.none{color:var(--muted)}
.arrow{color:var(--muted);font-weight:400}
figure{margin:1.25rem 0}
img{display:block;width:100%;max-width:44rem;height:auto}
figcaption{max-width:44rem;color:var(--muted);font-size:.875rem;margin-top:.35rem}
details{margin:.75rem 0}
summary{cursor:pointer;color:var(--own)}
dl{display:grid;grid-template-columns:minmax(9rem,max-content) 1fr;gap:.35rem 1.5rem;font-size:.925rem}
dt{font-weight:600}
dd{margin:0;overflow-wrap:anywhere}
@media(max-width:40rem){main{padding:1.5rem 1rem}dl{grid-template-columns:1fr}dd{margin-bottom:.4rem}}
@media print{main{max-width:none}.wide{overflow:visible}section{break-inside:auto}figure{break-inside:avoid}}
"""
