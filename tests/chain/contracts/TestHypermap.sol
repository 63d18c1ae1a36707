// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

// Hypermap as its callers see it, for tests: the calls, replies, events, errors, permissions, labels and
// storage that tests/vectors/hypermap-vectors.json has of the real one. What nobody of ours looks at
// is left out (genes, approvals, upgrades), and what is behind the calls is our own.
//
// None of these has a constructor or anything immutable: their code may be put where the real ones
// stand. See tests/chain/hypermap.bash.

/// @notice Names, and what is noted of them. Names are tokens, each with an account that is bound to it;
/// what a name says, and the names below it, come from its account.
contract TestHypermap {
    struct Entry {
        address tba;
        address gene;
        bytes data;
    }

    /// @dev In the first slot, as the real one has it: proofs of its storage are read, too.
    mapping(bytes32 node => Entry) private map;
    mapping(uint256 tokenId => address) private owners;
    TestHyperProxy private proxy;

    TestAccountRegistry private constant REGISTRY =
        TestAccountRegistry(0x000000006551c19487814612e58FE06813775758);

    event Mint(bytes32 indexed parenthash, bytes32 indexed childhash, bytes indexed labelhash, bytes label);
    event Note(
        bytes32 indexed parenthash,
        bytes32 indexed notehash,
        bytes indexed labelhash,
        bytes label,
        bytes data
    );
    event Fact(
        bytes32 indexed parenthash,
        bytes32 indexed facthash,
        bytes indexed labelhash,
        bytes label,
        bytes data
    );
    event Transfer(address indexed from, address indexed to, uint256 indexed tokenId);
    event Zero(address indexed zeroTba);

    error NotParent();
    error NameAlreadyExists();
    error FailedToInitializeTBA();
    error LabelTooShort();
    error LabelTooLong();
    error InvalidLabelCharacter();
    error NoteMustBeginWithTilde();
    error FactMustBeginWithBang();
    error FactAlreadyExists();
    error EmptyFact();
    error OwnershipCycle();
    error ERC721NonexistentToken(uint256 tokenId);
    error ERC721InsufficientApproval(address operator, uint256 tokenId);

    /// @notice The beginning, once: the empty name, above all others. Not of the real one.
    function begin(address owner, address implementation) external returns (address tba) {
        require(address(proxy) == address(0), "begun");
        proxy = new TestHyperProxy();
        tba = bind(bytes32(0), implementation);
        emit Zero(tba);
        give(0, owner);
    }

    function get(bytes32 node) external view returns (address tba, address owner, bytes memory data) {
        return (map[node].tba, owners[uint256(node)], map[node].data);
    }

    function tbaOf(bytes32 node) external view returns (address) {
        return map[node].tba;
    }

    function leaf(bytes32 parenthash, bytes calldata label) public pure returns (bytes32) {
        return keccak256(abi.encodePacked(parenthash, keccak256(label)));
    }

    function ownerOf(uint256 tokenId) external view returns (address owner) {
        owner = owners[tokenId];
        if (owner == address(0)) revert ERC721NonexistentToken(tokenId);
    }

    function mint(
        address to,
        bytes calldata label,
        bytes calldata initialization,
        address implementation
    ) external returns (address tba) {
        bytes32 parent = callersNode();
        checkLabel(label, 0);
        bytes32 node = leaf(parent, label);
        if (map[node].tba != address(0)) revert NameAlreadyExists();
        emit Mint(parent, node, label, label);
        tba = bind(node, implementation);
        // the account obeys the token's owner, which this is until it is set up
        if (initialization.length != 0) {
            (bool done, ) = tba.call(initialization);
            if (!done) revert FailedToInitializeTBA();
        }
        give(uint256(node), to);
    }

    function note(bytes calldata label, bytes calldata data) external returns (bytes32 node) {
        bytes32 parent = callersNode();
        if (label[0] != "~") revert NoteMustBeginWithTilde();
        checkLabel(label, 1);
        node = leaf(parent, label);
        map[node].data = data;
        emit Note(parent, node, label, label, data);
    }

    function fact(bytes calldata label, bytes calldata data) external returns (bytes32 node) {
        bytes32 parent = callersNode();
        if (label[0] != "!") revert FactMustBeginWithBang();
        checkLabel(label, 1);
        if (data.length == 0) revert EmptyFact();
        node = leaf(parent, label);
        if (map[node].data.length != 0) revert FactAlreadyExists();
        map[node].data = data;
        emit Fact(parent, node, label, label, data);
    }

    function transferFrom(address from, address to, uint256 tokenId) public {
        address owner = owners[tokenId];
        if (owner == address(0)) revert ERC721NonexistentToken(tokenId);
        if (owner != from || msg.sender != owner) revert ERC721InsufficientApproval(msg.sender, tokenId);
        give(tokenId, to);
    }

    /// @dev Here the account is asked whether it takes the token, which transferFrom does not do.
    function safeTransferFrom(address from, address to, uint256 tokenId) external {
        if (to == map[bytes32(tokenId)].tba) revert OwnershipCycle();
        transferFrom(from, to, tokenId);
    }

    /// @dev Makes the account of a new name, whose token is this contract's until it is given away.
    function bind(bytes32 node, address implementation) private returns (address tba) {
        tba = REGISTRY.createAccount(address(proxy), node, block.chainid, address(this), uint256(node));
        map[node].tba = tba;
        give(uint256(node), address(this));
        TestHyperProxy(payable(tba)).initialize(implementation);
    }

    function give(uint256 tokenId, address to) private {
        address from = owners[tokenId];
        owners[tokenId] = to;
        emit Transfer(from, to, tokenId);
    }

    /// @dev The name whose account calls. Its code says which; that it is true, the map.
    function callersNode() private view returns (bytes32 node) {
        bytes memory footer = TestFooter.read(msg.sender);
        if (footer.length == 0) revert NotParent();
        (uint256 chain, address hypermap, uint256 tokenId) = abi.decode(footer, (uint256, address, uint256));
        node = bytes32(tokenId);
        if (chain != block.chainid || hypermap != address(this)) revert NotParent();
        if (map[node].tba != msg.sender) revert NotParent();
    }

    /// @dev A label of at least one character behind its prefix.
    function checkLabel(bytes calldata label, uint256 prefix) private pure {
        if (label.length <= prefix) revert LabelTooShort();
        if (label.length > 63) revert LabelTooLong();
        for (uint256 i = prefix; i < label.length; ++i) {
            bytes1 c = label[i];
            if (!((c >= "a" && c <= "z") || (c >= "0" && c <= "9") || c == "-"))
                revert InvalidLabelCharacter();
        }
    }
}

/// @notice What ERC-6551 puts behind the code of an account: which token it is bound to.
library TestFooter {
    uint256 private constant ACCOUNT = 173; // bytes of an account's code: a proxy, salt, footer
    uint256 private constant AT = 77;

    /// @dev Empty where there is no such account.
    function read(address account) internal view returns (bytes memory footer) {
        if (account.code.length != ACCOUNT) return footer;
        footer = new bytes(ACCOUNT - AT);
        assembly {
            extcodecopy(account, add(footer, 32), AT, mload(footer))
        }
    }
}

/// @notice Makes accounts: ERC-6551's registry.
contract TestAccountRegistry {
    event ERC6551AccountCreated(
        address account,
        address indexed implementation,
        bytes32 salt,
        uint256 chainId,
        address indexed tokenContract,
        uint256 indexed tokenId
    );

    function createAccount(
        address implementation,
        bytes32 salt,
        uint256 chainId,
        address tokenContract,
        uint256 tokenId
    ) external returns (address made) {
        bytes memory code = creationCode(implementation, salt, chainId, tokenContract, tokenId);
        assembly {
            made := create2(0, add(code, 32), mload(code), salt)
        }
        require(made != address(0), "AccountCreationFailed()");
        emit ERC6551AccountCreated(made, implementation, salt, chainId, tokenContract, tokenId);
    }

    function account(
        address implementation,
        bytes32 salt,
        uint256 chainId,
        address tokenContract,
        uint256 tokenId
    ) external view returns (address) {
        bytes32 code = keccak256(creationCode(implementation, salt, chainId, tokenContract, tokenId));
        return address(uint160(uint256(keccak256(abi.encodePacked(bytes1(0xff), address(this), salt, code)))));
    }

    /// @dev The proxy of ERC-1167 with four words behind it.
    function creationCode(
        address implementation,
        bytes32 salt,
        uint256 chainId,
        address tokenContract,
        uint256 tokenId
    ) private pure returns (bytes memory) {
        return
            abi.encodePacked(
                hex"3d60ad80600a3d3981f3363d3d373d3d3d363d73",
                implementation,
                hex"5af43d82803e903d91602b57fd5bf3",
                abi.encode(salt, chainId, tokenContract, tokenId)
            );
    }
}

/// @notice What every account runs first: it is told once which code it is to have.
contract TestHyperProxy {
    /// @dev ERC-1967
    bytes32 private constant SLOT = bytes32(uint256(keccak256("eip1967.proxy.implementation")) - 1);

    event Upgraded(address indexed implementation);

    function initialize(address to) external {
        require(implementation() == address(0), "initialized");
        bytes32 slot = SLOT;
        assembly {
            sstore(slot, to)
        }
        emit Upgraded(to);
    }

    function implementation() private view returns (address to) {
        bytes32 slot = SLOT;
        assembly {
            to := sload(slot)
        }
    }

    fallback() external payable {
        address to = implementation();
        assembly {
            calldatacopy(0, 0, calldatasize())
            let done := delegatecall(gas(), to, 0, calldatasize(), 0, 0)
            returndatacopy(0, 0, returndatasize())
            if iszero(done) {
                revert(0, returndatasize())
            }
            return(0, returndatasize())
        }
    }

    receive() external payable {}
}

/// @notice What an account does: what its token's owner says.
contract TestHyperAccount {
    address private constant ENTRY_POINT = 0x5FF137D4b0FDCD49DcA30c7CF57E578a026d2789;

    error NotOperatorOrEntryPoint();

    function token() public view returns (uint256 chainId, address tokenContract, uint256 tokenId) {
        return abi.decode(TestFooter.read(address(this)), (uint256, address, uint256));
    }

    function isOperator(address operator) public view returns (bool) {
        (, address hypermap, uint256 tokenId) = token();
        return operator == TestHypermap(hypermap).ownerOf(tokenId);
    }

    function execute(
        address to,
        uint256 value,
        bytes calldata data,
        uint8 operation
    ) external payable returns (bytes memory reply) {
        if (msg.sender != ENTRY_POINT && !isOperator(msg.sender)) revert NotOperatorOrEntryPoint();
        require(operation < 2, "Invalid operation");
        bool done;
        if (operation == 0) (done, reply) = to.call{value: value}(data);
        else (done, reply) = to.delegatecall(data);
        if (!done) {
            assembly {
                revert(add(reply, 32), mload(reply))
            }
        }
    }
}

/// @notice An account below whose name anyone makes names, for nothing: the one of .os, on a test chain.
contract TestMinter is TestHyperAccount {
    function mint(
        address to,
        bytes calldata label,
        bytes calldata initialization,
        address implementation
    ) external returns (address) {
        (, address hypermap, ) = token();
        return TestHypermap(hypermap).mint(to, label, initialization, implementation);
    }
}

/// @notice Many calls in one.
contract TestMulticall {
    struct Call {
        address target;
        bytes callData;
    }

    function aggregate(
        Call[] calldata calls
    ) external payable returns (uint256 blockNumber, bytes[] memory replies) {
        blockNumber = block.number;
        replies = new bytes[](calls.length);
        for (uint256 i = 0; i < calls.length; ++i) {
            bool done;
            (done, replies[i]) = calls[i].target.call(calls[i].callData);
            require(done, "Multicall3: call failed");
        }
    }
}
