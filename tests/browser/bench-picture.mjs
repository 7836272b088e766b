// SPDX-License-Identifier: Apache-2.0
// How long it takes until the page has drawn the first picture of a VNC server,
// and, after a key, the picture that the key has changed; beside plain noVNC,
// whose keys go to the VNC server. The guest, which has no time of its own here,
// is vinput-monitor: what it receives makes the VNC server change its picture.
import { join } from 'node:path';
import { directory, end, Guest, launch, openBrowser, sleep,
	 until } from './rig.mjs';
import { median, openPage, openWays, timeKey, timeLoads } from
	'./picture-ways.mjs';
import { Vnc } from './vnc.mjs';

const KEYS = 100;
const GAP_MS = 30;

async function measure(browser, way)
{
	const context = await browser.newContext();
	const first = await timeLoads(context, way);
	const page = await openPage(context, way);
	const took = [];

	await way.focus(page);
	for (let i = 0; i < KEYS; i++) {
		took.push(await timeKey(page, 'a'));
		await sleep(GAP_MS);
	}
	console.log(`${way.name.padEnd(6)} first picture ` +
		    `${first.toFixed(0)} ms, key to picture ` +
		    `${median(took).toFixed(1)} ms`);
	await context.close();
}

const vnc = new Vnc(join(directory(), 'vnc'));
const dir = await launch('--keyboard', '--mouse');
const guest = new Guest(`${dir}/keyboard.sock`, `${dir}/mouse.sock`);
const { browser } = await openBrowser();
let shift = 0;

await vnc.start();
await until(() => guest.seen.size === 2);
guest.onKey = vnc.onKey = () => vnc.paint(++shift);
for (const way of await openWays(process.argv[2], dir, vnc.path))
	await measure(browser, way);
await end();
process.exit(0);
