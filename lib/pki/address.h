/* Hosts and ports. */
#ifndef PKI_ADDRESS_H
#define PKI_ADDRESS_H

#include <stdbool.h>

#include <nectar/identity.h>

/* An IPv4 address, an IPv6 address without brackets (a zone may follow), or what can be a host
 * name: letters, digits, '-', '_' and '.', at most NECTAR_HOST_MAX bytes. */
bool address_host_valid(const char *host);

/* A valid host and a port; or no port, and then the host says nothing. */
bool address_valid_or_absent(const struct nectar_address *address);

#endif
