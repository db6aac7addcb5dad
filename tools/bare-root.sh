# Sourced by tools that test the project on another Debian: a root folder with a minimal system, and commands that run in
# it. Needs root. Mounts live in a mount namespace of their own, which ends with the command: nothing stays mounted, and
# nothing is deleted through a mount, however the tool ends.

source "$(dirname "${BASH_SOURCE[0]}")/build.sh" # install_missing

# The names and versions of Debian that the project is tested on.
bare_root_suites="bookworm trixie"
bare_root_child="" # the process of the command that enter_root runs

bare_root_fail() {
    echo "$(basename "$0"): error: $*" >&2
    exit 2
}

# Stops with a message where no root folder can be made here: status 2 without root, status 3 where a program or a right
# is missing, so that a caller can go on without.
check_bare_root_tools() {
    [ "$(id -u)" -eq 0 ] || bare_root_fail "needs root, for debootstrap and chroot; start it again as root or with sudo"
    if ! command -v debootstrap >/dev/null && ! (install_missing roots) >&2; then
        echo "$(basename "$0"): debootstrap is missing and could not be installed (tools/dependencies-roots.txt)" >&2
        exit 3
    fi
    if ! unshare --mount --pid --fork true 2>/dev/null; then
        echo "$(basename "$0"): this machine allows no mount namespaces (unshare --mount fails), which a root folder needs" >&2
        exit 3
    fi
}

# make_root SUITE FOLDER [ARCHITECTURE]: a minimal Debian in FOLDER, which must not exist yet. Returns 3 where the archive
# cannot be reached. BRU_DEBIAN_MIRROR replaces the archive's address. A folder that exists is complete: it gets its name
# at the end.
make_root() {
    local suite=$1 folder=$2 architecture=${3:-$(dpkg --print-architecture)} partial log
    partial="$folder.partial"
    log="$partial.log"
    mkdir -p "$(dirname "$folder")"
    remove_root "$partial"
    if ! debootstrap --variant=minbase --arch="$architecture" "$suite" "$partial" \
        "${BRU_DEBIAN_MIRROR:-http://deb.debian.org/debian}" >"$log" 2>&1; then
        tail -n 5 "$log" "$partial/debootstrap/debootstrap.log" >&2 2>/dev/null || true
        remove_root "$partial"
        return 3
    fi
    rm -f "$log"
    copy_network_settings "$partial"
    mv "$partial" "$folder"
}

# Name resolution, proxy, and certificate authorities of this machine: a machine behind a proxy has its own.
copy_network_settings() {
    local folder=$1 setting
    cp -L /etc/resolv.conf "$folder/etc/resolv.conf" 2>/dev/null || true
    echo "127.0.0.1 localhost $(uname -n)" >"$folder/etc/hosts"
    setting=$(apt-config dump Acquire::http::Proxy 2>/dev/null || true)
    [ -z "$setting" ] || echo "$setting" >"$folder/etc/apt/apt.conf.d/90proxy"
    if compgen -G "/usr/local/share/ca-certificates/*.crt" >/dev/null; then
        mkdir -p "$folder/usr/local/share/ca-certificates"
        cp /usr/local/share/ca-certificates/*.crt "$folder/usr/local/share/ca-certificates/"
    fi
}

# enter_root FOLDER COMMAND...: runs the command in the root folder, in its folder /, with /proc, /sys, /dev, /run and /tmp,
# and an environment without this machine's settings and an empty standard input. What it started ends with it. Returns the
# command's status.
enter_root() {
    local folder=$1
    shift
    # shellcheck disable=SC2016 # the inner shell expands
    unshare --mount --pid --fork --kill-child --propagation private bash -c '
        set -e
        root=$1
        shift
        mount --bind "$root" "$root" # a mount point of its own: chroot sees it as /
        mount -t proc proc "$root/proc"
        mount -t sysfs sysfs "$root/sys" || true
        mount -t tmpfs -o mode=755 tmpfs "$root/dev"
        for node in null zero full random urandom tty; do
            touch "$root/dev/$node"
            mount --bind "/dev/$node" "$root/dev/$node"
        done
        ln -s /proc/self/fd "$root/dev/fd"
        ln -s fd/0 "$root/dev/stdin"
        ln -s fd/1 "$root/dev/stdout"
        ln -s fd/2 "$root/dev/stderr"
        mkdir "$root/dev/shm" "$root/dev/pts"
        mount -t tmpfs tmpfs "$root/dev/shm"
        mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
        ln -s pts/ptmx "$root/dev/ptmx"
        mount -t tmpfs -o mode=755 tmpfs "$root/run"
        exec chroot "$root" "$@"
    ' enter_root "$folder" /usr/bin/env -i HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
        LANG=C.UTF-8 TERM="${TERM:-dumb}" ${http_proxy:+http_proxy="$http_proxy"} ${https_proxy:+https_proxy="$https_proxy"} \
        "$@" </dev/null &
    bare_root_child=$!
    { wait "$bare_root_child"; } 2>/dev/null # the status says enough of a command that was killed
}

# stop_root_command: ends what enter_root runs, with all that it started; for the trap of a tool that is interrupted.
stop_root_command() {
    [ -z "$bare_root_child" ] || kill -KILL "$bare_root_child" 2>/dev/null || true
}

# remove_root FOLDER: deletes it; on this file system only, so that nothing outside is touched.
remove_root() {
    [ ! -e "$1" ] || rm -rf --one-file-system -- "$1"
}
