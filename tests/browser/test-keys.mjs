// SPDX-License-Identifier: Apache-2.0
// Keys on the page of vinput-stream besides those of a usual keyboard: on the
// screen, AltGr as Windows has it, locks; and that none stays pressed.
import { button, cdpOf, dispatch, label, runWithKeyboard,
	 tapped } from './keyboard.mjs';
import { runAll, until } from './rig.mjs';

const control = { code: 'ControlLeft', key: 'Control', ctrlKey: true };
const altGr = { code: 'AltRight', key: 'AltGraph', ctrlKey: true,
		altKey: true };

async function altGrOfWindows({ page, guest })
{
	const q = { code: 'KeyQ', key: '@', ctrlKey: true, altKey: true };

	await dispatch(page, ['keydown', control], ['keydown', altGr],
		       ['keydown', q], ['keyup', q], ['keyup', control],
		       ['keyup', altGr]);
	await guest.expect(label, 'KEY_RIGHTALT 1', ...tapped('Q'),
			   'KEY_RIGHTALT 0');
	await guest.expectNothing();
}

async function altGrOfLinux({ page, guest })
{
	await dispatch(page, ['keydown', { code: 'AltRight', key: 'AltGraph' }],
		       ['keyup', { code: 'AltRight', key: 'AltGraph' }]);
	await guest.expect(label, ...tapped('RIGHTALT'));
}

async function controlBySelf({ page, guest })
{
	await dispatch(page, ['keydown', control]);
	await guest.expect(label, 'KEY_LEFTCTRL 1');
	await dispatch(page, ['keyup', control]);
	await guest.expect(label, 'KEY_LEFTCTRL 0');
	await page.keyboard.press('Control+c');
	await guest.expect(label, 'KEY_LEFTCTRL 1', ...tapped('C'),
			   'KEY_LEFTCTRL 0');
}

// macOS does not tell that C was released.
async function metaReleases({ page, guest })
{
	const meta = { code: 'MetaLeft', key: 'Meta' };

	await dispatch(page, ['keydown', meta],
		       ['keydown', { code: 'KeyC', key: 'c', metaKey: true }],
		       ['keyup', meta]);
	await until(() => guest.held() === '' &&
		guest.frames.get(label).includes('KEY_C 0'));
}

async function onTheScreen({ page, guest })
{
	const keys = { Esc: 'ESC', Tab: 'TAB', PrtSc: 'SYSRQ', Mute: 'MUTE',
		       Play: 'PLAYPAUSE', 'Left arrow': 'LEFT' };

	for (let n = 1; n <= 24; n++)
		keys[`F${n}`] = `F${n}`;
	for (const [name, key] of Object.entries(keys)) {
		await button(page, name).click();
		await guest.expect(label, ...tapped(key));
	}
	await button(page, 'Esc').press('Enter');
	await guest.expect(label, ...tapped('ESC'));
	await button(page, 'Esc').hover();
	await page.mouse.down();
	await guest.expect(label, 'KEY_ESC 1');
	await guest.expectNothing();
	await page.mouse.up();
	await guest.expect(label, 'KEY_ESC 0');
}

async function everyModifier({ page, guest })
{
	const names = { Ctrl: 'LEFTCTRL', Alt: 'LEFTALT', Shift: 'LEFTSHIFT',
			Super: 'LEFTMETA', AltGr: 'RIGHTALT' };

	for (const [name, key] of Object.entries(names)) {
		await button(page, name).click();
		await guest.expect(label, `KEY_${key} 1`);
		await button(page, 'F1').click();
		await guest.expect(label, ...tapped('F1'), `KEY_${key} 0`);
	}
}

async function stickyModifiers({ page, guest })
{
	const ctrl = page.locator('[data-code=ControlLeft]');

	await ctrl.click();
	await guest.expect(label, 'KEY_LEFTCTRL 1');
	await button(page, 'Del').click();
	await guest.expect(label, ...tapped('DELETE'), 'KEY_LEFTCTRL 0');
	await ctrl.click();
	await ctrl.click();
	await guest.expect(label, 'KEY_LEFTCTRL 1');
	await button(page, 'Del').click();
	await button(page, 'Ins').click();
	await guest.expect(label, ...tapped('DELETE', 'INSERT'));
	await ctrl.click();
	await guest.expect(label, 'KEY_LEFTCTRL 0');
	await ctrl.click();
	await page.evaluate(() => dispatchEvent(new Event('blur')));
	await until(() => guest.held() === '');
	if (await ctrl.getAttribute('aria-pressed') !== 'false')
		throw Error('Ctrl is still shown as pressed');
}

async function ctrlAltDel({ page, guest })
{
	await page.click('#ctrlAltDel');
	await guest.expect(label, 'KEY_LEFTCTRL 1', 'KEY_LEFTALT 1',
			   ...tapped('DELETE'), 'KEY_LEFTALT 0',
			   'KEY_LEFTCTRL 0');
}

// --- nothing stays pressed ---

async function endOfFullScreen({ page, guest })
{
	await page.click('#full');
	await until(() => page.evaluate(() => document.fullscreenElement));
	await page.keyboard.down('a');
	await guest.expect(label, 'KEY_A 1');
	await page.evaluate(() => document.exitFullscreen());
	await guest.expect(label, 'KEY_A 0');
	await page.keyboard.up('a');
}

async function blurred({ page, guest })
{
	const cdp = await cdpOf(page);

	await page.keyboard.down('a');
	await guest.expect(label, 'KEY_A 1');
	await cdp.send('Emulation.setFocusEmulationEnabled',
		       { enabled: false });
	const other = await page.context().newPage();

	await other.bringToFront();
	await guest.expect(label, 'KEY_A 0');
	await other.close();
	await page.keyboard.up('a');
}

// Chromium does not hide a page for DevTools, so the page is told that it is.
async function tabHidden({ page, guest })
{
	await page.keyboard.down('a');
	await guest.expect(label, 'KEY_A 1');
	await page.evaluate(() => {
		Object.defineProperty(document, 'hidden', { value: true });
		document.dispatchEvent(new Event('visibilitychange'));
	});
	await guest.expect(label, 'KEY_A 0');
	await page.keyboard.up('a');
}

// So that Esc, Alt+Tab and the like come to the page.
async function lockedInFullScreen({ page, guest })
{
	await page.evaluate(() => {
		const { lock } = navigator.keyboard;

		window.locked = 0;
		navigator.keyboard.lock = function () {
			return lock.call(this).then(() => window.locked++);
		};
	});
	await page.click('#full');
	await until(() => page.evaluate(() => window.locked === 1));
	await page.keyboard.press('Escape');
	await guest.expect(label, ...tapped('ESC'));
	if (!await page.evaluate(() => document.fullscreenElement))
		throw Error('Esc has ended full screen');
	await page.evaluate(() => document.exitFullscreen());
}

async function leds({ page })
{
	await until(async () => await page.locator('#leds [data-on=true]')
		.textContent() === 'Scroll');
}

// --- locks, which the guest switches as its keys are pressed ---

const typed = (code, key, modifierCapsLock) => [
	['keydown', { code, key, modifierCapsLock }],
	['keyup', { code, key, modifierCapsLock }]];
const shown = (page, lamps) => until(async () => (await page.locator(
	'#leds [data-on=true]').allTextContents()).join() === lamps);

async function capsLockFollows({ page, guest })
{
	await shown(page, 'Scroll');
	await dispatch(page, ...typed('KeyA', 'A', true));
	await guest.expect(label, ...tapped('CAPSLOCK', 'A'));
	await shown(page, 'Caps,Scroll');
	await dispatch(page, ...typed('KeyA', 'A', true));
	await guest.expect(label, ...tapped('A'));
	await dispatch(page, ...typed('KeyA', 'a', false));
	await guest.expect(label, ...tapped('CAPSLOCK', 'A'));
	await shown(page, 'Scroll');
	/* Both by the same press, though the LED comes later. */
	await dispatch(page, ...typed('CapsLock', 'CapsLock', false),
		       ...typed('KeyA', 'A', true), ...typed('KeyB', 'B', true));
	await guest.expect(label, ...tapped('CAPSLOCK', 'A', 'B'));
	await shown(page, 'Caps,Scroll');
	await dispatch(page, ...typed('KeyA', 'A', true),
		       ...typed('CapsLock', 'CapsLock', true));
	await guest.expect(label, ...tapped('A', 'CAPSLOCK'));
	await shown(page, 'Scroll');
	await guest.expectNothing();
}

// The LED never follows, as where Caps Lock is another Ctrl.
async function capsLockIsTappedOnce({ page, guest })
{
	await page.evaluate(() => {
		const { includes } = Array.prototype;

		Array.prototype.includes = function (value) {
			return value !== 'LED_CAPSL' &&
				includes.call(this, value);
		};
	});
	await dispatch(page, ...typed('KeyA', 'A', true));
	await guest.expect(label, ...tapped('CAPSLOCK', 'A'));
	for (const isOn of [true, false, true, false]) {
		await guest.expectNothing();
		await dispatch(page, ...typed('KeyA', 'a', isOn));
		await guest.expect(label, ...tapped('A'));
	}
	await page.reload();
	await shown(page, 'Caps,Scroll');
	await page.focus('#area');
	await dispatch(page, ...typed('KeyA', 'a', false));
	await guest.expect(label, ...tapped('CAPSLOCK', 'A'));
	await shown(page, 'Scroll');
}

async function numLockFollows({ page, guest })
{
	await dispatch(page, ...typed('Numpad1', '1'));
	await guest.expect(label, ...tapped('NUMLOCK', 'KP1'));
	await shown(page, 'Num,Scroll');
	await dispatch(page, ...typed('Numpad1', '1'), ...typed('KeyA', 'a'));
	await guest.expect(label, ...tapped('KP1', 'A'));
	await dispatch(page, ...typed('Numpad1', 'End'));
	await guest.expect(label, ...tapped('NUMLOCK', 'KP1'));
	await shown(page, 'Scroll');
}

await runAll(() => runWithKeyboard('keys', [
		altGrOfWindows, altGrOfLinux, controlBySelf, metaReleases,
		onTheScreen, everyModifier, stickyModifiers, ctrlAltDel, endOfFullScreen,
		lockedInFullScreen, blurred, tabHidden, leds,
		capsLockFollows, capsLockIsTappedOnce, numLockFollows]));
