#!/bin/sh
# What SSH_ASKPASS names in the tests of password logins.
printf "%s\n" "$LAB_PASSWORD"
