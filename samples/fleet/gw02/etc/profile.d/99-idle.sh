# Idle shells are ended after 10 minutes; nobody can change it afterwards.
TMOUT=600
readonly TMOUT
export TMOUT
