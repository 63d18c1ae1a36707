/*
 * Included before every file of ours (Makefile: -include): calls that have bitten too many people
 * do not compile.
 */
#ifndef BASE_BANNED_H
#define BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BANNED(call, instead) call##_is_banned_use_##instead

#undef strcpy
#define strcpy(a, b) BANNED(strcpy, snprintf)
#undef strcat
#define strcat(a, b) BANNED(strcat, snprintf)
#undef strncpy
#define strncpy(a, b, n) BANNED(strncpy, snprintf)
#undef strncat
#define strncat(a, b, n) BANNED(strncat, snprintf)
#undef sprintf
#define sprintf(...) BANNED(sprintf, snprintf)
#undef vsprintf
#define vsprintf(...) BANNED(vsprintf, vsnprintf)
#undef strtok
#define strtok(a, b) BANNED(strtok, strtok_r)
#undef atoi
#define atoi(a) BANNED(atoi, strtoul)
#undef atol
#define atol(a) BANNED(atol, strtoul)
#undef gmtime
#define gmtime(a) BANNED(gmtime, gmtime_r)
#undef localtime
#define localtime(a) BANNED(localtime, localtime_r)
#undef rand
#define rand() BANNED(rand, random_bytes)

#endif
