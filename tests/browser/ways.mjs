// SPDX-License-Identifier: Apache-2.0
// What the tests share that use the page by WebRTC and by WebSocket alike: all
// devices, a guest, and both ways to them. The only argument of such a test is
// the way, if it is to be one only.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nameOf, runCase, skip } from './cases.mjs';
import { freePort } from './link.mjs';
import { directory, Guest, hasNetwork, launch, openBrowser, stream,
	 until } from './rig.mjs';

export const DISPLAY = { width: 1080, height: 1920 };
const ONLY = process.argv[2];
const LABELS = ['keyboard', 'mouse', 'gamepad', 'rotary', 'switches', 'tablet',
		'touch_0', 'pen'];

// Entries of what is there for each way, but only those that are asked for.
export const chosen = ways => Object.entries(ways).filter(
	([way]) => !ONLY || way === ONLY);

// Both ways to a guest's devices, each with two URLs.
export async function openStreams(dir, ...options)
{
	const tokens = join(directory(), 'tokens');

	writeFileSync(tokens, 'token-of-most-devices ' +
		'devices=keyboard,mouse,touch_0,gamepad,rotary,switches\n' +
		'token-of-other-devices devices=tablet,pen\n');
	const start = (...more) => stream(dir, `--token-file=${tokens}`,
					  '--layout=de', ...options, ...more);

	const rtcPort = await freePort();

	return { WebRTC: { rtcPort,
			   ...await start('--rtc-address=127.0.0.1',
					  `--rtc-port=${rtcPort}`) },
		 WebSocket: { rtcPort, ...await start() } };
}

export const cdpOf = page => page.context().newCDPSession(page);

export async function close(page)
{
	await page.context().close();
}

// Run it in the page: a gamepad, which setPad() changes.
export const fakePad = () => {
	const pad = { index: 0, connected: true, mapping: 'standard',
		      axes: [0, 0, 0, 0],
		      buttons: Array.from({ length: 17 }, () => ({ value: 0 })) };

	navigator.getGamepads = () => [pad.connected ? pad : null];
	window.setPad = change => change(pad);
	window.padEvent = type => dispatchEvent(
		Object.assign(new Event(type), { gamepad: pad }));
};

// Return: what each case gets, by way.
export async function setUp()
{
	const size = `${DISPLAY.width}x${DISPLAY.height}`;
	const dir = await launch('--keyboard', '--mouse', '--gamepad',
				 '--rotary', '--switches', '--tablet',
				 `--display=${size}`, `--pen=${size}`);
	const guest = new Guest(...LABELS.map(l => `${dir}/${l}.sock`));
	const ways = await openStreams(dir);
	const { browser } = await openBrowser();

	await until(() => guest.seen.size === LABELS.length);
	return chosen(ways).map(([way, { urls, ...rest }]) => ({
		way, guest, browser, url: urls[0], other: urls[1], ...rest }));
}

// Before and after it nothing comes or is held.
export function runOne({ way, guest }, f, run)
{
	return runCase(`${way}_${nameOf(f)}`, async () => {
		if (way === 'WebRTC' && !hasNetwork)
			skip('WebRTC: no network besides loopback');
		await guest.settle();
		const note = await run();

		await guest.settle();
		if (guest.held())
			throw Error(`left: ${guest.held()}`);
		return note;
	});
}
