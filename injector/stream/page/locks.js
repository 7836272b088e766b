/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Caps Lock and Num Lock, equal on both sides: the browser tells its state with
 * each key, the guest tells its own by LEDs. Where they differ, the key is
 * tapped in the guest, before the key that showed it. After a press that no LED
 * has followed nothing is known of the guest, as where Caps Lock is another
 * Ctrl: then nothing is tapped.
 */
import { on, sendMessage, withRole } from './link.js';

const ANSWER_MS = 500; /* in which the LED follows */
const lock = (code, led) => ({ code, led, isOn: false, answered: true,
			       waiting: [] });
const caps = lock('CapsLock', 'LED_CAPSL'), num = lock('NumLock', 'LED_NUML');
let hadDriver = false;

function tap({ code })
{
	for (const down of [true, false])
		sendMessage({ type: 'key', code, down });
}

function press(which)
{
	which.answered = false;
	tap(which);
}

/* --- the guest --- */

function see(which, isOn, isAnother)
{
	if (isOn !== which.isOn || isAnother) {
		which.answered = true;
		which.waiting.splice(0).forEach(run => run());
	}
	which.isOn = isOn;
}

on('devices', () => {
	const keyboards = withRole('keyboard');
	const hasDriver = keyboards.some(k => k.driver);

	for (const which of [caps, num])
		see(which, keyboards.some(k => k.leds.includes(which.led)),
		    hasDriver !== hadDriver);
	hadDriver = hasDriver;
});

/* --- the browser --- */

function equal(which, wanted)
{
	if (wanted !== which.isOn && which.answered && hadDriver)
		press(which);
}

/* A key of a real keyboard is about to be pressed. */
export function followLocks(e)
{
	if (e.code === caps.code || e.code === num.code)
		return;
	equal(caps, e.getModifierState(caps.code));
	/* Macs have no Num Lock, but digits there all the same. */
	if (/^Numpad[0-9]$/.test(e.code) && !e.shiftKey)
		equal(num, /^[0-9]$/.test(e.key));
}

on('key', ({ code, down }) => {
	for (const which of [caps, num])
		if (down && code === which.code)
			which.answered = false;
});

/*
 * Caps Lock off in the guest, as texts need it. Return: null: it is; or a
 * promise, which is kept when it is, or if the guest does not answer.
 */
export function capsOff()
{
	if (!caps.isOn || !caps.answered)
		return null;
	press(caps);
	return new Promise(done => {
		caps.waiting.push(done);
		setTimeout(done, ANSWER_MS);
	});
}
