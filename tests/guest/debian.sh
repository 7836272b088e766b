# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
#
# Sourced by fetch-*: downloads and unpacks Debian packages without installing
# them. apt gets lists and a cache of its own below build/guest/apt, so that
# neither root nor a change to the machine is needed; the archive's address, the
# proxy and the keys are those of the machine's own apt. Of the machine's state,
# only the list of installed packages is read: those are not fetched.

GUEST=${GUEST:-build/guest}

# Print why the guest cannot run here; the status means "skipped".
skip() {
	echo "guest: $*" >&2
	exit 77
}

codename() {
	sed -n 's/^VERSION_CODENAME=//p' /etc/os-release
}

# The Debian main archive. Where the lists were removed, apt still knows its
# sources, but not their origin.
archive_uri() {
	uri=$(apt-get indextargets --format \
		'$(ORIGIN)|$(LABEL)|$(CODENAME)|$(COMPONENT)|$(REPO_URI)' \
		2>/dev/null |
		sed -n "s/^Debian|Debian|$(codename)|main|//p" | head -n 1)
	[ -n "$uri" ] || uri=$(apt-get update --print-uris 2>/dev/null |
		sed -n "s,^'\(.*/debian/\)dists/$(codename)/InRelease'.*,\1,p" |
		head -n 1)
	echo "$uri"
}

# apt with our own state.
own() {
	prog=$1
	shift
	"$prog" -q -o Dir::Etc::sourcelist="$APT/sources.list" \
		-o Dir::Etc::sourceparts="$APT/none" \
		-o Dir::Etc::preferences="$APT/none" \
		-o Dir::Etc::preferencesparts="$APT/none" \
		-o Dir::State::lists="$APT/lists" -o Dir::Cache="$APT" \
		-o APT::Sandbox::User="$(id -un)" \
		-o APT::Update::Post-Invoke-Success::= \
		-o APT::Install-Recommends=false -o Debug::NoLocking=true "$@"
}

# Download packages of the archive into the current directory, whatever versions
# of them are installed.
download() {
	own apt-get download -o Dir::State::status=/dev/null "$@"
}

# apt_setup_in FOLDER SUITE...: create the state in build/guest/FOLDER and update
# the lists, at most once a day.
apt_setup_in() {
	command -v apt-get >/dev/null || skip "no apt-get to fetch packages with"
	mkdir -p "$GUEST/$1/lists/partial" "$GUEST/$1/archives/partial" \
		"$GUEST/$1/none"
	APT=$(cd "$GUEST/$1" && pwd)
	shift
	[ -z "$(find "$APT/updated" -mtime -1 2>/dev/null)" ] || return 0
	uri=$(archive_uri)
	[ -n "$uri" ] || skip "apt is configured with no Debian archive"
	key=/usr/share/keyrings/debian-archive-keyring.gpg
	for suite; do
		echo "deb [signed-by=$key] $uri $suite main"
	done >"$APT/sources.list"
	own apt-get update >"$APT/log" 2>&1 &&
		! grep -q '^[WE]: Failed' "$APT/log" ||
		skip "the Debian archive cannot be read, see $APT/log"
	touch "$APT/updated"
}

# The same for this machine's release.
apt_setup() {
	apt_setup_in apt "$(codename)" "$(codename)-backports"
}
