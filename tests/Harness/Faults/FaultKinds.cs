namespace Rqlite.Pg.Harness.Faults;

/// <summary>What can be done to a cluster, by name.</summary>
[Flags]
public enum FaultKinds
{
    None = 0,
    KillLeader = 1,
    Kill = 2,
    KillAll = 4,
    PauseLeader = 8,
    Pause = 16,

    /// <summary>A node is away for so long that the log may be cut meanwhile, and a copy be needed.</summary>
    Away = 32,

    /// <summary>A node's disk is destroyed, and it joins anew.</summary>
    Wipe = 64,

    /// <summary>A node is stopped in order and started again.</summary>
    Stop = 128,

    /// <summary>A node joins and is removed, sometimes dead.</summary>
    Members = 256,
    StepDown = 512,

    /// <summary>The leader is cut off from all others, in both directions.</summary>
    Isolate = 1024,

    /// <summary>Some pairs of nodes are cut off from each other.</summary>
    Partition = 2048,

    /// <summary>Some directions are cut off: what one node sends does not reach another, while it hears all.</summary>
    OneWay = 4096,

    /// <summary>Connections between nodes are ended.</summary>
    Reset = 8192,
    Processes = KillLeader | Kill | KillAll | PauseLeader | Pause | Away | Wipe | Stop | Members | StepDown,
    Network = Isolate | Partition | OneWay | Reset,
    All = Processes | Network,
}
