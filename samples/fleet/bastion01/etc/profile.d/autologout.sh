# Log idle sessions out after 15 minutes.
#TMOUT=900
# Shortened on request of the security officer.
export TMOUT=600
