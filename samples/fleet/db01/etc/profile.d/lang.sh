# /etc/profile.d/lang.sh - exports environment variables, and provides fallback
if [ -n "${LANG}" ]; then
    export LANG
fi
