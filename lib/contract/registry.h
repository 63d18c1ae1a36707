/*
 * The contract of NectarRegistry.sol, as a program sees it: its code, and the numbers by which its
 * functions, errors and event are known. tests/unit/contract holds them to the contract's ABI.
 */
#ifndef CONTRACT_REGISTRY_H
#define CONTRACT_REGISTRY_H

#include <stddef.h>
#include <stdint.h>

/* Creation code. What the constructor is given, the TLD (a string), goes behind it. */
extern const uint8_t registry_code[];
extern const size_t registry_code_len;

/* Selectors of functions; what they take and reply is told in NectarRegistry.sol. */
#define REGISTRY_TLD      UINT32_C(0x2d551432)
#define REGISTRY_RECORD   UINT32_C(0xe51ace16)
#define REGISTRY_RECORDS  UINT32_C(0x4deffe90)
#define REGISTRY_PUBLISH  UINT32_C(0xda15b084)
#define REGISTRY_SET_KEY  UINT32_C(0x891519fc)
#define REGISTRY_TRANSFER UINT32_C(0xfbf58b3e)

/* Selectors of errors. */
#define REGISTRY_HOST_TOO_LONG           UINT32_C(0x59e4f4b4)
#define REGISTRY_HOST_WITHOUT_PORT       UINT32_C(0xa69f712c)
#define REGISTRY_INVALID_HOST_CHARACTER  UINT32_C(0xc95a7c33)
#define REGISTRY_INVALID_LABEL_CHARACTER UINT32_C(0x2a992631)
#define REGISTRY_INVALID_ROUTER          UINT32_C(0x22525d6c)
#define REGISTRY_LABEL_TOO_LONG          UINT32_C(0x7d45f786)
#define REGISTRY_LABEL_TOO_SHORT         UINT32_C(0x280dacb6)
#define REGISTRY_NOT_OWNER               UINT32_C(0x245aecd3)
#define REGISTRY_PORT_WITHOUT_HOST       UINT32_C(0xe02fb0b0)
#define REGISTRY_TOO_MANY_ROUTERS        UINT32_C(0x5db9fd3e)
#define REGISTRY_UNKNOWN_USERNAME        UINT32_C(0x988e470d)
#define REGISTRY_ZERO_OWNER              UINT32_C(0x9905827b)

/* All of them, with their signatures: X(selector, text). */
#define REGISTRY_FUNCTIONS(X)                                                                      \
    X(REGISTRY_TLD, "tld()")                                                                       \
    X(REGISTRY_RECORD, "record(string)")                                                           \
    X(REGISTRY_RECORDS, "records(string[])")                                                       \
    X(REGISTRY_PUBLISH, "publish(string,bytes32,string,uint16,uint16,string)")                     \
    X(REGISTRY_SET_KEY, "setKey(string,bytes32)")                                                  \
    X(REGISTRY_TRANSFER, "transfer(string,address)")

#define REGISTRY_ERRORS(X)                                                                         \
    X(REGISTRY_HOST_TOO_LONG, "HostTooLong()")                                                     \
    X(REGISTRY_HOST_WITHOUT_PORT, "HostWithoutPort()")                                             \
    X(REGISTRY_INVALID_HOST_CHARACTER, "InvalidHostCharacter(bytes1)")                             \
    X(REGISTRY_INVALID_LABEL_CHARACTER, "InvalidLabelCharacter(bytes1)")                           \
    X(REGISTRY_INVALID_ROUTER, "InvalidRouter(string)")                                            \
    X(REGISTRY_LABEL_TOO_LONG, "LabelTooLong()")                                                   \
    X(REGISTRY_LABEL_TOO_SHORT, "LabelTooShort()")                                                 \
    X(REGISTRY_NOT_OWNER, "NotOwner(address)")                                                     \
    X(REGISTRY_PORT_WITHOUT_HOST, "PortWithoutHost()")                                             \
    X(REGISTRY_TOO_MANY_ROUTERS, "TooManyRouters()")                                               \
    X(REGISTRY_UNKNOWN_USERNAME, "UnknownUsername()")                                              \
    X(REGISTRY_ZERO_OWNER, "ZeroOwner()")

/*
 * The first topic of the one event. The second is the Keccak-256 of the username, the third the
 * owner, in a word; the other six values are its data.
 */
#define REGISTRY_PUBLISHED "0x52dd1e132caf7bb807d8026c8560ee78b3fc9118d020269247ec2701fa4a2812"
#define REGISTRY_PUBLISHED_SIGNATURE                                                               \
    "Published(bytes32,address,string,bytes32,string,uint16,uint16,string)"

#endif
