/* SPDX-License-Identifier: Apache-2.0 */
/* All that people read, in one place, so that it can be translated. */
export const texts = {
	/* the line at the top */
	way: 'Connection',
	disconnected: 'disconnected',
	drivers: (n, all) => `${n} of ${all} devices ready`,
	noDevices: 'no devices',
	ms: ms => `${ms < 10 ? Number(ms.toFixed(1)) : Math.round(ms)} ms`,
	typing: ({ done, all }) => `typing: ${done} of ${all}`,
	progress: 'Typed',
	held: 'Held',
	nothingHeld: 'nothing held',
	contacts: n => n === 1 ? '1 finger' : `${n} fingers`,
	penNear: 'pen',
	padHeld: n => `gamepad ${n + 1}`,
	buttons: ['Left button', 'Middle button', 'Right button',
		  'Back button', 'Forward button'],
	leds: { LED_NUML: 'Num', LED_CAPSL: 'Caps', LED_SCROLLL: 'Scroll' },
	full: 'Full screen',

	/* the surface */
	area: 'Keyboard, mouse and touch of the virtual machine',
	hint: 'Type and touch here. Ctrl+Alt+G leaves.',
	video: 'Screen of the virtual machine',
	noPicture: why => why ? `No picture: ${why}.` : 'No picture.',

	/* the panels */
	tabs: 'Controls',
	keys: 'Keys',
	pointer: 'Pointer',
	pad: 'Pad',
	more: 'More',
	status: 'Status',
	softly: 'Type as text',
	soft: 'What is written here is typed in the virtual machine',
	paste: 'Paste',
	pasteHere: 'Paste into the field here, then choose Type.',
	ctrlAltDel: 'Ctrl+Alt+Del',
	modifierKeys: 'Modifiers',
	editingKeys: 'Editing',
	arrowKeys: 'Arrows',
	functionKeys: 'Function keys',
	systemKeys: 'System',
	mediaKeys: 'Media',
	modifiers: {
		ControlLeft: 'Ctrl', AltLeft: 'Alt', ShiftLeft: 'Shift',
		MetaLeft: 'Super', AltRight: 'AltGr',
	},
	modifier: (name, mode) => mode === 'locked' ? `${name}, locked` : name,
	keyGroups: {
		editing: {
			Escape: 'Esc', Tab: 'Tab', Space: 'Space',
			Enter: 'Enter', Backspace: 'Back', Delete: 'Del',
			Insert: 'Ins', Home: 'Home', End: 'End',
			PageUp: 'PgUp', PageDown: 'PgDn',
		},
		arrows: {
			ArrowLeft: '←', ArrowUp: '↑', ArrowDown: '↓',
			ArrowRight: '→',
		},
		system: {
			PrintScreen: 'PrtSc', ScrollLock: 'ScrLk',
			Pause: 'Pause', CapsLock: 'Caps', NumLock: 'Num',
			ContextMenu: 'Menu', Power: 'Power', Sleep: 'Sleep',
		},
		media: {
			AudioVolumeMute: 'Mute', AudioVolumeDown: 'Vol −',
			AudioVolumeUp: 'Vol +', MediaTrackPrevious: 'Prev',
			MediaPlayPause: 'Play', MediaTrackNext: 'Next',
			MediaStop: 'Stop',
		},
	},
	keyNames: {
		ArrowLeft: 'Left arrow', ArrowUp: 'Up arrow',
		ArrowDown: 'Down arrow', ArrowRight: 'Right arrow',
	},
	text: 'Text to type',
	type: 'Type',
	stop: 'Stop',
	layout: 'Layout',
	usualLayout: name => `as started (${name})`,
	display: 'Display',
	pictureWay: 'Picture',
	pictureWays: { drawn: 'exact', video: 'as a video' },
	pictureName: name => /^\d+$/.test(name) ? `Display ${name}` : name,
	displayName: (i, d) => `${i + 1}: ${d.width} × ${d.height}`,
	rotate: 'Rotate',
	degrees: 'Rotation',
	rotation: degrees => `${degrees}°`,
	switches: 'Switches',
	switchNames: {
		lid: 'Lid closed',
		tablet_mode: 'Tablet mode',
		headphone_insert: 'Headphones',
		microphone_insert: 'Microphone',
	},
	rotary: 'Rotary',
	dial: 'Scroll here',
	dialLabel: 'Rotary: scroll, or press the arrow keys',
	turnBack: 'Turn back',
	turnForth: 'Turn forth',

	fingers: 'Fingers',
	mouse: 'Mouse',
	modes: {
		touch: 'touch the screen', trackpad: 'as on a touchpad',
		pointer: 'move the mouse', absolute: 'where it points',
		relative: 'by its motion', finger: 'as a finger',
	},
	dragLock: 'Drag lock',
	pinch: 'Pinch zooms',
	capture: 'Capture mouse',
	mouseButtons: 'Buttons',
	gestures: 'On a touchpad: tap to click; tap with two fingers or hold ' +
		'for a right click, with three for a middle click; tap and ' +
		'drag; scroll with two fingers, or zoom, which is the wheel ' +
		'with Ctrl.',

	sticks: ['Left stick', 'Right stick'],
	padButtons: {
		12: ['↑', 'Up'], 13: ['↓', 'Down'],
		14: ['←', 'Left'], 15: ['→', 'Right'],
		0: ['A'], 1: ['B'], 2: ['X'], 3: ['Y'],
		4: ['LB'], 5: ['RB'], 6: ['LT'], 7: ['RT'],
		8: ['Select'], 16: ['Home'], 9: ['Start'],
		10: ['L3'], 11: ['R3'],
	},
	pads: 'Gamepads of this computer are used as soon as a button of ' +
		'them is pressed; this one is one more.',

	/* status */
	latency: 'Latency',
	roundTrip: 'Round trip',
	guestTime: 'Guest',
	plotNow: 'now',
	plotStart: '1 min ago',
	/* Each: [average, longest] in ms; null: not measured. */
	plot: (trip, guest) => 'Latency of the last minute. Round trip: ' +
		`${texts.range(trip)}. Guest: ${texts.range(guest)}.`,
	range: values => values ? `${texts.ms(values[0])} on average, ` +
		`${texts.ms(values[1])} at most` : 'not measured',

	/* devices */
	devices: 'Devices',
	roles: {
		keyboard: 'keyboard', mouse: 'mouse', tablet: 'absolute mouse',
		touch: 'touchscreen', pen: 'pen', gamepad: 'gamepad',
		rotary: 'rotary', switches: 'switches',
	},
	driver: { true: 'ready', false: 'no driver', null: 'not known' },

	/* errors */
	lost: 'The connection is lost; trying again.',
	refused: 'No connection. If this lasts, open the URL that ' +
		'vinput-stream printed.',
	unknownAnswer: 'The server sent something that this page does not ' +
		'understand.',
	mayOnlyLook: 'You may only look.',
	noTouchscreen: 'This display has no touchscreen.',
	/* What the server says, if it is clearer in other words; a function
	 * gets what the pattern's group has matched. */
	errors: [
		[/no device for this/, 'The virtual machine has no device ' +
			'for this.'],
		[/no slot for another contact/, 'The touchscreen takes no ' +
			'more fingers.'],
		[/range of positions is not known/, 'Positions of this ' +
			'device are not known.'],
		[/another text is being typed/, 'Another text is being ' +
			'typed; try again.'],
		[/Caps Lock is on/, 'Caps Lock is on in the virtual machine: ' +
			'turn it off to type text.'],
		[/Num Lock is on/, 'Num Lock is on in the virtual machine: ' +
			'turn it off to type text.'],
		[/a key is held/, 'A key is held: let it go to type text.'],
		[/the layout lacks (.+?)(?: and others)?(;|, and no|, or has)/,
			chars => `The layout has no key for ${chars.replace(
				/ \(U\+[0-9A-F]+\)/g, '')}. ` +
				'Choose another one under Keys.'],
		[/unknown keyboard layout/, 'The server does not know this ' +
			'keyboard layout.'],
		[/text: no keyboard/, 'The virtual machine has no keyboard.'],
	],
};

/* Fills in what index.html has left empty. */
export function fillTexts(root)
{
	for (const e of root.querySelectorAll('[data-text]'))
		e.textContent = texts[e.dataset.text];
	for (const e of root.querySelectorAll('[data-label]'))
		e.setAttribute('aria-label', texts[e.dataset.label]);
	for (const e of root.querySelectorAll('[data-placeholder]'))
		e.placeholder = texts[e.dataset.placeholder];
}

export function errorText(error)
{
	for (const [pattern, text] of texts.errors) {
		const match = error.match(pattern);

		if (match)
			return typeof text === 'string' ? text : text(match[1]);
	}
	return error;
}
