# Sourced by tools/quickstart and tools/run-tests: installs what is missing, configures and builds Release in build/.
# Asks nothing, may be run again at any time, and works from any folder.

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# Release of Debian; a large number where it has none yet.
debian_release() {
    local VERSION_ID=99
    # shellcheck disable=SC1091 # of the system
    source /etc/os-release
    echo "${VERSION_ID%%.*}"
}

# Of the packages on standard input, those that this release has and that are not installed. A line: a name, and the first
# release with the package where not every release has it.
missing_packages() {
    local package since release
    release=$(debian_release)
    sed 's/#.*//' | while read -r package since; do
        [ -n "$package" ] || continue
        [ "$release" -ge "${since:-0}" ] || continue
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q '^install ok installed$' || echo "$package"
    done
}

# apt-get when it may be used without a question, else the line to type. Words: `training`, `synthesis`, `slurm` and
# `report` for what dependencies-WORD.txt lists, too; others are packages.
install_missing() {
    local packages root="" lists=("$project/tools/dependencies.txt") more=() word
    for word in "$@"; do
        if [ -f "$project/tools/dependencies-$word.txt" ]; then
            lists+=("$project/tools/dependencies-$word.txt")
        else
            more+=("$word")
        fi
    done
    if ! command -v dpkg-query >/dev/null; then
        echo "This is not Debian: install what tools/dependencies*.txt name, then build with" >&2
        echo "    cmake --preset release && cmake --build --preset release" >&2
        exit 2
    fi
    packages=$({ cat "${lists[@]}"; printf '%s\n' "${more[@]}"; } | missing_packages | tr '\n' ' ')
    [ -n "$packages" ] || return 0
    if [ "$(id -u)" -ne 0 ]; then
        if ! sudo -n true 2>/dev/null; then
            echo "These packages are missing. Install them and start again:" >&2
            echo "    sudo apt-get update && sudo apt-get install -y --no-install-recommends $packages" >&2
            exit 2
        fi
        root="sudo -n"
    fi
    echo "Installing $packages"
    # shellcheck disable=SC2086 # words are wanted
    $root env DEBIAN_FRONTEND=noninteractive apt-get update -q
    # shellcheck disable=SC2086
    $root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $packages
}

# build_project "configure option..." [cmake --build option...]
build_project() {
    local log
    cd "$project"
    # shellcheck disable=SC2086 # words are wanted
    log=$(cmake --preset release $1 2>&1) || { echo "$log" >&2; exit 2; }
    shift
    cmake --build --preset release -j "$(nproc)" "$@"
}
