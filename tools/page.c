// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>

#include "chart.h"
#include "page.h"

/* Eight colours that also those see who see fewer, for a light and a dark page. */
static const char style[] =
	":root{color-scheme:light dark;--back:#fff;--text:#1b1f24;--faint:#d5dae0;--soft:#59636e;\n"
	"--shade:#f5d98a66;--c0:#0b62c4;--c1:#c2410c;--c2:#15803d;--c3:#a21caf;--c4:#0e7490;\n"
	"--c5:#a16207;--c6:#be123c;--c7:#4b5563}\n"
	"@media(prefers-color-scheme:dark){:root{--back:#14181d;--text:#e4e8ec;--faint:#333b44;\n"
	"--soft:#9aa4af;--shade:#7a5c0066;--c0:#6cb2ff;--c1:#ff9a62;--c2:#5ed48a;--c3:#e58bf0;\n"
	"--c4:#58cfe6;--c5:#e0bd4c;--c6:#ff8298;--c7:#aab4bf}}\n"
	"body{background:var(--back);color:var(--text);font:15px/1.5 system-ui,sans-serif;\n"
	"max-width:60rem;margin:2rem auto;padding:0 1rem}\n"
	"h1{font-size:1.5rem;margin:0}p{color:var(--soft);margin:.3rem 0 1.5rem}\n"
	"figure{margin:2rem 0}figcaption,caption{font-weight:600;text-align:left}\n"
	"svg{width:100%;height:auto;display:block}svg text{fill:var(--soft);font-size:12px}\n"
	".grid{stroke:var(--faint)}.shade{fill:var(--shade)}.y{text-anchor:end}\n"
	".x{text-anchor:middle}.x.first{text-anchor:start}.x.last{text-anchor:end}\n"
	".line{fill:none;stroke-width:1.8;stroke-linejoin:round}.bar{fill:var(--c0)}\n"
	".c0{stroke:var(--c0);--key:var(--c0)}.c1{stroke:var(--c1);--key:var(--c1)}\n"
	".c2{stroke:var(--c2);--key:var(--c2)}.c3{stroke:var(--c3);--key:var(--c3)}\n"
	".c4{stroke:var(--c4);--key:var(--c4)}.c5{stroke:var(--c5);--key:var(--c5)}\n"
	".c6{stroke:var(--c6);--key:var(--c6)}.c7{stroke:var(--c7);--key:var(--c7)}\n"
	"ul{display:flex;flex-wrap:wrap;gap:.2rem 1.5rem;list-style:none;padding:0;\n"
	"margin:.3rem 0;color:var(--soft);font-size:.85rem}\n"
	"li::before{content:'';display:inline-block;width:1.2em;height:.25em;margin-right:.4em;\n"
	"vertical-align:middle;background:var(--key)}li span{color:var(--text)}\n"
	".wide{overflow-x:auto}table{border-collapse:collapse;width:100%;margin:2rem 0;\n"
	"font-variant-numeric:tabular-nums}\n"
	"th,td{padding:.25rem .6rem;border-bottom:1px solid var(--faint);text-align:right}\n"
	"th:first-child,td:first-child{text-align:left;overflow-wrap:break-word}\n";

void page_begin(const char *title)
{
	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	      "<meta name=\"viewport\" content=\"width=device-width\">\n<title>", stdout);
	chart_put_text(title);
	printf("</title>\n<style>\n%s</style>\n</head>\n<body>\n<h1>", style);
	chart_put_text(title);
	fputs("</h1>\n", stdout);
}

void page_end(void)
{
	fputs("<p>synward " SYNWARD_VERSION "</p>\n</body>\n</html>\n", stdout);
}

void page_begin_table(const char *id, const char *const *title, size_t columns)
{
	printf("<div class=\"wide\"><table id=\"%s\">\n<thead><tr>", id);
	for (size_t i = 0; i < columns; i++) {
		fputs("<th>", stdout);
		chart_put_text(title[i]);
		fputs("</th>", stdout);
	}
	fputs("</tr></thead>\n<tbody>\n", stdout);
}

void page_put_row(const char *name, const double *value, size_t values)
{
	fputs("<tr><td>", stdout);
	chart_put_text(name);
	fputs("</td>", stdout);
	for (size_t i = 0; i < values; i++) {
		fputs("<td>", stdout);
		chart_put_number(value[i]);
		fputs("</td>", stdout);
	}
	fputs("</tr>\n", stdout);
}

void page_end_table(void)
{
	fputs("</tbody>\n</table></div>\n", stdout);
}
