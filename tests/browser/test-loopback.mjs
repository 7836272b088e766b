// SPDX-License-Identifier: Apache-2.0
// Where the loopback interface is the only one, WebRTC is impossible: the page
// uses the WebSocket. tests/browser/run makes such a network.
import { runCase } from './cases.mjs';
import { Guest, inModule, launch, open, openBrowser, runAll, sleep, stream,
	 until } from './rig.mjs';

const FALL_BACK_MS = 3000;

async function fallsBack()
{
	const dir = await launch('--keyboard', '--mouse');
	const guest = new Guest(`${dir}/keyboard.sock`, `${dir}/mouse.sock`);
	const { urls } = await stream(dir, '--rtc-address=127.0.0.1');
	const { browser } = await openBrowser();

	await until(() => guest.seen.size === 2);
	const start = Date.now();
	const page = await open(browser, urls[0], 'WebSocket');

	await page.keyboard.press('a');
	await guest.expect('keyboard', 'KEY_A 1', 'KEY_A 0');
	const took = Date.now() - start;

	if (took > FALL_BACK_MS)
		throw Error(`a key took ${took} ms`);
	/* It gives up to wait for WebRTC, and goes on. */
	await sleep(FALL_BACK_MS);
	if (await inModule(page, 'link', m => m.link.peer !== null))
		throw Error('it still waits for WebRTC');
	await page.keyboard.press('b');
	await guest.expect('keyboard', 'KEY_B 1', 'KEY_B 0');
	return `${took} ms`;
}

await runAll(() => runCase('loopback_only_falls_back_to_WebSocket',
			   fallsBack));
