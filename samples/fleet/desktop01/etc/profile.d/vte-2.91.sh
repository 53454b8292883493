# Tell the terminal emulator which folder the shell is in.
[ -n "${BASH_VERSION:-}" ] || [ -n "${ZSH_VERSION:-}" ] || return 0
[ "${VTE_VERSION:-0}" -ge 3405 ] || return 0
