// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title A registry of a Nectar network: the key of each name, and how it is reached
/// @notice One contract holds the names under one top-level domain. A name belongs to who publishes
/// it first; only its owner changes it or passes it on. Nobody stands above that: there is no
/// administrator, no payment, and no way to change the contract.
/// @dev What is stored is well formed. Every change emits the whole new record, so that an index
/// can be built from the events alone.
contract NectarRegistry {
    /// @notice What the registry says of a name.
    /// @param owner who may change it; zero: there is no such name
    /// @param networkingKey its Ed25519 public key; zero: none yet
    /// @param host where it listens: a host name or an address, IPv6 without brackets; may be empty
    /// @param wsPort the port for WebSocket; 0: none, it is not reached directly
    /// @param tcpPort the port for TCP; 0: none
    /// @param allowedRouters the names of the nodes that route to it, separated by commas; one
    /// without a dot is of this registry
    struct Record {
        address owner;
        bytes32 networkingKey;
        string host;
        uint16 wsPort;
        uint16 tcpPort;
        string allowedRouters;
    }

    /// @dev A record as it is stored. The first four share a word, which tells whether the others need
    /// be looked at: without a port there is no host.
    struct Entry {
        address owner;
        uint16 wsPort;
        uint16 tcpPort;
        bool routed; // there are routers
        bytes32 networkingKey;
        string host;
        string allowedRouters;
    }

    uint256 private constant LABEL_MAX = 63;
    uint256 private constant NAME_MAX = 253;
    uint256 private constant HOST_MAX = 255;
    uint256 private constant ROUTERS_MAX = 32;

    // Sets of characters: the nth bit stands for the character n.
    uint256 private constant LABEL_CHARACTERS = 0x07fffffe0000000003ff200000000000; // a-z 0-9 -
    uint256 private constant HOST_CHARACTERS = 0x07fffffe87fffffe07ff602000000000; // and A-Z . _ : %

    /// @notice A name has a new record, which is this. The id is the Keccak-256 of the username.
    event Published(
        bytes32 indexed id,
        address indexed owner,
        string username,
        bytes32 networkingKey,
        string host,
        uint16 wsPort,
        uint16 tcpPort,
        string allowedRouters
    );

    /// @notice The name is another's.
    error NotOwner(address owner);
    /// @notice Nobody has published the name.
    error UnknownUsername();
    /// @notice A label is 1 to 63 characters long.
    error LabelTooShort();
    error LabelTooLong();
    /// @notice Labels hold a-z, 0-9 and "-" alone.
    error InvalidLabelCharacter(bytes1 character);
    /// @notice A host is at most 255 characters long.
    error HostTooLong();
    /// @notice Hosts hold a-z, A-Z, 0-9 and "-", ".", "_", ":", "%" alone.
    error InvalidHostCharacter(bytes1 character);
    /// @notice A host is of no use without a port, nor a port without a host.
    error HostWithoutPort();
    error PortWithoutHost();
    /// @notice There are at most 32 routers.
    error TooManyRouters();
    /// @notice A router is no name: labels with dots between them, at most 253 characters in all.
    error InvalidRouter(string router);
    /// @notice A name cannot be passed on to nobody.
    error ZeroOwner();

    /// @notice The top-level domain of all names here: a username and "." stand before it.
    string public tld;

    mapping(bytes32 id => Entry entry) private entries;

    /// @param tld_ one label
    constructor(string memory tld_) {
        checkLabel(bytes(tld_));
        tld = tld_;
    }

    /// @notice Takes a name, or replaces the record of one's own.
    /// @param username one label: the name without the top-level domain
    /// @param networkingKey and the others: see Record
    function publish(
        string calldata username,
        bytes32 networkingKey,
        string calldata host,
        uint16 wsPort,
        uint16 tcpPort,
        string calldata allowedRouters
    ) external {
        checkLabel(bytes(username));
        checkRoute(bytes(host), wsPort, tcpPort);
        checkRouters(bytes(allowedRouters));

        bytes32 id = keccak256(bytes(username));
        Entry storage entry = entries[id];
        if (entry.owner != address(0)) checkOwner(entry);
        bool routed = bytes(allowedRouters).length != 0;
        if (routed || entry.routed) entry.allowedRouters = allowedRouters;
        if (bytes(host).length != 0 || isHosted(entry)) entry.host = host;
        entry.owner = msg.sender;
        entry.wsPort = wsPort;
        entry.tcpPort = tcpPort;
        entry.routed = routed;
        entry.networkingKey = networkingKey;
        announce(id, username, entry);
    }

    /// @notice Changes the key of one's own name, and nothing else.
    function setKey(string calldata username, bytes32 networkingKey) external {
        bytes32 id = keccak256(bytes(username));
        Entry storage entry = entries[id];
        checkOwner(entry);
        entry.networkingKey = networkingKey;
        announce(id, username, entry);
    }

    /// @notice Passes one's own name on: the record stays, another may change it.
    function transfer(string calldata username, address to) external {
        bytes32 id = keccak256(bytes(username));
        Entry storage entry = entries[id];
        checkOwner(entry);
        if (to == address(0)) revert ZeroOwner();
        entry.owner = to;
        announce(id, username, entry);
    }

    /// @notice The record of a name; all of it is zero or empty where there is no such name.
    function record(string calldata username) public view returns (Record memory) {
        return load(entries[keccak256(bytes(username))]);
    }

    /// @notice The records of many names, in the order in which they are asked for.
    function records(string[] calldata usernames) external view returns (Record[] memory) {
        Record[] memory found = new Record[](usernames.length);
        for (uint256 i = 0; i < usernames.length; ++i) found[i] = record(usernames[i]);
        return found;
    }

    /// @dev Emits what is stored, not what was asked for.
    function announce(bytes32 id, string calldata username, Entry storage entry) private {
        Record memory r = load(entry);
        emit Published(
            id,
            r.owner,
            username,
            r.networkingKey,
            r.host,
            r.wsPort,
            r.tcpPort,
            r.allowedRouters
        );
    }

    function load(Entry storage entry) private view returns (Record memory r) {
        r.owner = entry.owner;
        r.networkingKey = entry.networkingKey;
        r.wsPort = entry.wsPort;
        r.tcpPort = entry.tcpPort;
        if (isHosted(entry)) r.host = entry.host;
        if (entry.routed) r.allowedRouters = entry.allowedRouters;
    }

    function isHosted(Entry storage entry) private view returns (bool) {
        return entry.wsPort != 0 || entry.tcpPort != 0;
    }

    function checkOwner(Entry storage entry) private view {
        address owner = entry.owner;
        if (owner == msg.sender) return;
        if (owner == address(0)) revert UnknownUsername();
        revert NotOwner(owner);
    }

    function checkLabel(bytes memory label) private pure {
        if (label.length == 0) revert LabelTooShort();
        if (label.length > LABEL_MAX) revert LabelTooLong();
        for (uint256 i = 0; i < label.length; ++i)
            if (((LABEL_CHARACTERS >> uint8(label[i])) & 1) == 0) revert InvalidLabelCharacter(label[i]);
    }

    function checkRoute(bytes calldata host, uint16 wsPort, uint16 tcpPort) private pure {
        bool port = wsPort != 0 || tcpPort != 0;
        if (host.length == 0 && port) revert PortWithoutHost();
        if (host.length != 0 && !port) revert HostWithoutPort();
        if (host.length > HOST_MAX) revert HostTooLong();
        for (uint256 i = 0; i < host.length; ++i)
            if (((HOST_CHARACTERS >> uint8(host[i])) & 1) == 0) revert InvalidHostCharacter(host[i]);
    }

    function checkRouters(bytes calldata routers) private pure {
        if (routers.length == 0) return;
        uint256 count = 1;
        uint256 name = 0; // where it begins
        uint256 label = 0; // where it begins
        for (uint256 i = 0; i < routers.length; ++i) {
            bytes1 character = routers[i];
            if (((LABEL_CHARACTERS >> uint8(character)) & 1) != 0) continue;
            if (character == ",") {
                if (!isNameEnd(i, name, label)) revert InvalidRouter(routerAt(routers, name));
                if (++count > ROUTERS_MAX) revert TooManyRouters();
                name = i + 1;
            } else if (character != "." || !isLabelEnd(i, label)) {
                revert InvalidRouter(routerAt(routers, name));
            }
            label = i + 1;
        }
        if (!isNameEnd(routers.length, name, label)) revert InvalidRouter(routerAt(routers, name));
    }

    function isLabelEnd(uint256 end, uint256 label) private pure returns (bool) {
        return end > label && end - label <= LABEL_MAX;
    }

    function isNameEnd(uint256 end, uint256 name, uint256 label) private pure returns (bool) {
        return isLabelEnd(end, label) && end - name <= NAME_MAX;
    }

    function routerAt(bytes calldata routers, uint256 start) private pure returns (string memory) {
        uint256 end = start;
        while (end < routers.length && routers[end] != ",") ++end;
        return string(routers[start:end]);
    }
}
