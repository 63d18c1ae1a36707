// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @dev Looks like a registry in which nothing is published yet, and refuses every publish by the
/// error that the username asks for: what else only a change between a question and the next shows.
contract Moody {
    struct Record {
        address owner;
        bytes32 networkingKey;
        string host;
        uint16 wsPort;
        uint16 tcpPort;
        string allowedRouters;
    }

    error NotOwner(address owner);
    error UnknownUsername();
    error InvalidRouter(string router);
    error NotOfARegistry(uint256 number);

    string public tld = "nec";

    function record(string calldata) external pure returns (Record memory found) {}

    function publish(
        string calldata username,
        bytes32,
        string calldata,
        uint16,
        uint16,
        string calldata
    ) external pure {
        bytes32 name = keccak256(bytes(username));
        if (name == keccak256("notowner")) revert NotOwner(address(0x1234));
        if (name == keccak256("unknown")) revert UnknownUsername();
        if (name == keccak256("router")) revert InvalidRouter("a\x1b[31m");
        if (name == keccak256("foreign")) revert NotOfARegistry(7);
        if (name == keccak256("text")) revert("not \x1b[31mtoday");
        if (name == keccak256("panic")) assert(false);
        revert();
    }
}
