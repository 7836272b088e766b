// SPDX-License-Identifier: Apache-2.0
// What the tests of keys and of text share: a guest's keyboard, whose layout is
// German, and a page of each case's own.
import { nameOf, runCase } from './cases.mjs';
import { Guest, launch, open, openBrowser, stream, until } from './rig.mjs';

export const label = 'keyboard';
export const tapped = (...keys) => keys.flatMap(
	key => [`KEY_${key} 1`, `KEY_${key} 0`]);
export const cdpOf = page => page.context().newCDPSession(page);
export const button = (page, name) => page.getByRole('button',
						     { name, exact: true });

// Events made up, as other systems' browsers send them.
export function dispatch(page, ...events)
{
	return page.evaluate(list => {
		for (const [type, init] of list)
			document.activeElement.dispatchEvent(new KeyboardEvent(
				type, { bubbles: true, cancelable: true,
					...init }));
	}, events);
}

// Of functions, which get { page, guest }: "prefix_name_of_the_function".
// options: of open().
export async function runWithKeyboard(prefix, functions, options)
{
	/* On a busy machine the guest may not run for a while: no tap is folded
	 * meanwhile. */
	const dir = await launch('--keyboard', '--stall-ms=5000');
	const guest = new Guest('--locks', '--led=SCROLLL=on',
				`${dir}/keyboard.sock`);
	const { urls } = await stream(dir, '--layout=de');
	const { browser } = await openBrowser();

	await until(() => guest.seen.size === 1);
	for (const f of functions) {
		await runCase(`${prefix}_${nameOf(f)}`, async () => {
			const page = await open(browser, urls[0], 'WebSocket',
						options);

			try {
				await guest.settle();
				await f({ page, guest });
			} finally {
				await page.context().close();
				await until(() => guest.held() === '');
			}
		});
	}
}
