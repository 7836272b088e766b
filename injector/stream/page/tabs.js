/* SPDX-License-Identifier: Apache-2.0 */
/* Tabs, of which the arrow keys choose one, as the ARIA practices have them. */
const at = id => document.getElementById(id);
const tabs = [...at('tabs').querySelectorAll('[role=tab]')];

function choose(tab)
{
	for (const each of tabs) {
		const chosen = each === tab;

		each.setAttribute('aria-selected', chosen);
		each.tabIndex = chosen ? 0 : -1;
		at(each.getAttribute('aria-controls')).hidden = !chosen;
	}
}

function step(e)
{
	const n = tabs.length, now = tabs.indexOf(e.target);
	const next = { ArrowRight: now + 1, ArrowLeft: now - 1 + n,
		       Home: 0, End: n - 1 }[e.key];

	if (next === undefined)
		return;
	e.preventDefault();
	choose(tabs[next % n]);
	tabs[next % n].focus();
}

for (const tab of tabs) {
	tab.addEventListener('click', () => choose(tab));
	tab.addEventListener('keydown', step);
}
choose(tabs[0]);
