#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Installs what is missing, by purpose: deps.sh PURPOSE...
#
# Debian packages only, and only those that are not there yet, so that a second
# call costs some milliseconds. With nothing missing no rights are needed.
set -u

packages()
{
	case $1 in
	build) echo gcc libc6-dev meson ninja-build pkg-config ;;
	demo)  echo python3 curl ;;
	test)  echo libcmocka-dev python3 binutils ;;
	clang) echo clang libclang-rt-14-dev llvm-14 ;;
	lint)  echo clang clang-tidy sparse shellcheck python3 binutils ;;
	man)   echo scdoc mandoc python3 ;;
	bench) echo python3 iproute2 ethtool util-linux valgrind liblwip-dev \
			redis-server redis-tools nginx-light wrk ;;
	apps)  echo python3 curl wget netcat-openbsd redis-server redis-tools \
			memcached iperf3 nginx-light socat nodejs \
			bind9-dnsutils iproute2 iputils-ping openssl ;;
	*)     echo "deps: unknown purpose '$1'" >&2; return 1 ;;
	esac
}

wanted=()
for purpose in "$@"; do
	list=$(packages "$purpose") || exit 1
	read -ra words <<<"$list"
	wanted+=("${words[@]}")
done

if ! command -v dpkg-query >/dev/null; then
	echo "deps: no dpkg here; continuing in the hope that these are" \
	     "installed: ${wanted[*]}" >&2
	exit 0
fi

missing=()
installed=" $(dpkg-query -W -f='${Package}=${db:Status-Abbrev} ' \
	"${wanted[@]}" 2>/dev/null)"
for p in "${wanted[@]}"; do
	case $installed in
	*" $p=ii "*) ;;
	*) [[ " ${missing[*]-} " == *" $p "* ]] || missing+=("$p") ;;
	esac
done
[ ${#missing[@]} -eq 0 ] && exit 0

as_root=()
if [ "$(id -u)" != 0 ]; then
	if ! command -v sudo >/dev/null; then
		echo "deps: packages are missing and this is neither root nor is" \
		     "there a sudo; as root: apt-get install ${missing[*]}" >&2
		exit 4
	fi
	as_root=(sudo)
fi

echo "deps: installing ${missing[*]}" >&2

# Servers that the tests start themselves must not be started by their
# packages. If nobody has a say in this yet, say no while we install.
policy=/usr/sbin/policy-rc.d
cleanup() { :; }
if [ ! -e $policy ]; then
	printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee $policy >/dev/null
	"${as_root[@]}" chmod 755 $policy
	cleanup() { "${as_root[@]}" rm -f $policy; }
fi
trap cleanup EXIT

apt()
{
	"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq \
		-o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 "$@"
}

log=$(mktemp)
if apt install -y --no-install-recommends "${missing[@]}" >"$log" 2>&1 ||
   { apt update >"$log" 2>&1 &&
     apt install -y --no-install-recommends "${missing[@]}" >>"$log" 2>&1; }
then
	rm -f "$log"
	exit 0
fi
tail -20 "$log" >&2
rm -f "$log"
echo "deps: could not install ${missing[*]}; see above, or install them" \
     "by hand and try again" >&2
exit 4
