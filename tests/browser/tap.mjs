// SPDX-License-Identifier: Apache-2.0
// usage: tap.mjs DIR
//
// Starts vinput-stream for the launcher of DIR and puts a finger on its page, a
// quarter from the left and from the top of its picture, for some seconds.
import { end, open, openBrowser, pointOf, sleep, stream } from './rig.mjs';

const HOLD_MS = 4000;

const { urls } = await stream(process.argv[2]);
const { browser } = await openBrowser();
const page = await open(browser, urls[0], 'WebSocket');
const cdp = await page.context().newCDPSession(page);
const send = (type, touchPoints) =>
	cdp.send('Input.dispatchTouchEvent', { type, touchPoints });

await send('touchStart', [{ id: 0, ...await pointOf(page, 1 / 4, 1 / 4) }]);
await sleep(HOLD_MS);
await send('touchEnd', []);
await page.close();
await end();
process.exit(0);
