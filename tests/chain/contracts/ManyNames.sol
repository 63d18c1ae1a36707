// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice For measuring: the log of Hypermap with many names in it, thousands a transaction, and no
/// names behind it.
contract ManyNames {
    event Mint(bytes32 indexed parenthash, bytes32 indexed childhash, bytes indexed labelhash, bytes label);

    /// @notice "os" under the empty name; then n0.os, n1.os and so on, so many from there.
    function tell(uint256 from, uint256 count) external {
        bytes32 os = one(0, "os");
        for (uint256 i = from; i < from + count; i++) one(os, digits(i));
    }

    function one(bytes32 parent, bytes memory label) private returns (bytes32 node) {
        node = keccak256(abi.encodePacked(parent, keccak256(label)));
        emit Mint(parent, node, label, label);
    }

    function digits(uint256 number) private pure returns (bytes memory label) {
        uint256 length = 1;
        for (uint256 n = number; n > 0; n /= 10) length++;
        if (number == 0) length = 2;
        label = new bytes(length);
        label[0] = "n";
        for (uint256 i = length - 1; i > 0; i--) {
            label[i] = bytes1(uint8(48 + (number % 10)));
            number /= 10;
        }
    }
}
