# Set-up shared by ./run and ./test: the virtual environment, the locked dependencies, the command `k5`.
# Sourced from the project's root. Every step is repeatable: one that was cut short is done again at the next start.

say() { printf '==> %s\n' "$*"; }
fail() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }

is_debian_root() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }

apt_install() {  # quiet when all is well; the whole log when not
    local log
    log=$(mktemp)
    if ! { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"; } \
        >"$log" 2>&1 </dev/null; then
        cat "$log" >&2
        rm -f "$log"
        return 1
    fi
    rm -f "$log"
}

find_python() {
    local name
    for name in python3 python3.14 python3.13 python3.12 python3.11; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            PYTHON=$name
            return
        fi
    done
    fail "K5 needs Python 3.11 or newer, and there is none on this machine's PATH"
}

make_venv() {
    # pip comes last, so its script tells a whole environment from one whose making was cut short
    [ -x .venv/bin/pip ] && .venv/bin/python -c '' 2>/dev/null && return
    find_python
    if ! "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null; then
        local package
        package=$("$PYTHON" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
        is_debian_root || fail "this Python cannot make virtual environments; bring the missing part with: apt-get install $package"
        say "Installing $package"
        apt_install "$package" || fail "$package could not be installed"
    fi
    say "Making the virtual environment .venv"
    "$PYTHON" -m venv --clear .venv || fail "the virtual environment could not be made"
}

install_locked() {  # $1: a lock file; its hash is the stamp, so an unchanged lock is installed once
    local lock=$1 stamp wanted total done=0 line trouble
    stamp=.venv/installed-${1##*/}
    wanted=$(sha256sum <"$lock")
    [ -e "$stamp" ] && [ "$(<"$stamp")" = "$wanted" ] && return
    total=$(grep -c '^[a-zA-Z0-9]' "$lock")
    say "Installing $total packages, each checked against its hash in $lock"
    trouble=$(mktemp)
    # --no-deps: the lock names everything, so nothing may come in beside it
    .venv/bin/python -m pip install --disable-pip-version-check --no-input --no-deps --require-hashes -r "$lock" \
        </dev/null 2>"$trouble" | while IFS= read -r line; do
        case $line in
            Collecting* | Requirement\ already* | Ignoring*) done=$((done + 1)); progress "$done of $total" ;;
            Installing*) progress "unpacking" ;;
        esac
    done || { cat "$trouble" >&2; fail "the packages could not be installed; the same command goes on from here"; }
    rm -f "$trouble"
    progress ""
    printf '%s' "$wanted" >"$stamp"
}

progress() {  # one line that rewrites itself, on a terminal only
    if [ -t 1 ]; then printf '\r    %-40s\r' "${1:+    $1}"; fi
}

install_k5() {  # the checkout itself is the program: a path entry and a command, no build
    local site root=$PWD
    [ -x .venv/bin/k5 ] && [ "$(cat .venv/root 2>/dev/null)" = "$root" ] && return
    site=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
    printf '%s\n' "$root" >"$site/k5.pth"
    cat >.venv/bin/k5 <<END
#!/bin/sh
exec "$root/.venv/bin/python" -m k5web "\$@"
END
    chmod +x .venv/bin/k5
    printf '%s\n' "$root" >.venv/root
}
