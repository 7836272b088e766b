/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The last minute of round trips to vinput-stream, and of how long the guest
 * took for an event, as lines; and in words, for who cannot see them.
 */
import { on } from './link.js';
import { texts } from './texts.js';

const SAMPLES = 60;
const LOWEST_MS = 1; /* of the scale's end */
const at = id => document.getElementById(id);
const lines = [
	{ line: at('roundTrips'), value: at('roundTrip'), ms: [] },
	{ line: at('guestTimes'), value: at('guestTime'), ms: [] },
];

const known = list => list.filter(ms => ms !== null);
const average = list => list.reduce((sum, ms) => sum + ms, 0) / list.length;

/* The end of the scale: 1, 2 or 5 times a power of 10. */
function scaleFor(max)
{
	const power = 10 ** Math.floor(Math.log10(Math.max(max, LOWEST_MS)));

	return [1, 2, 5, 10].map(n => n * power).find(end => max <= end);
}

/* The newest at the right; where nothing was measured, the line has a gap. */
function path(list, end)
{
	let pen = 'M';

	return list.map((ms, i) => {
		const step = ms === null ? '' : `${pen}${
			SAMPLES - list.length + i} ${100 - 100 * ms / end}`;

		pen = ms === null ? 'M' : 'L';
		return step;
	}).join('');
}

function show()
{
	const end = scaleFor(Math.max(0, ...lines.flatMap(l => known(l.ms))));

	for (const { line, value, ms } of lines) {
		const all = known(ms);

		line.setAttribute('d', path(ms, end));
		value.textContent = all.length ? texts.ms(all.at(-1)) : '–';
	}
	at('scale').textContent = texts.ms(end);
	at('plot').setAttribute('aria-label', texts.plot(...lines.map(
		({ ms }) => known(ms).length
			? [average(known(ms)), Math.max(...known(ms))]
			: null)));
}

on('rtt', ({ ms, guestMs }) => {
	[ms, guestMs].forEach((value, i) => {
		lines[i].ms.push(value);
		if (lines[i].ms.length > SAMPLES)
			lines[i].ms.shift();
	});
	show();
});
on('closed', () => {
	lines.forEach(line => line.ms.length = 0);
	show();
});
show();
