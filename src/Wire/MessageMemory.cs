using Rqlite.Pg.Storage;
using Rqlite.Pg.Wire.Messages;

namespace Rqlite.Pg.Wire;

/// <summary>The part of the node's memory budget that the message takes which is being received or handled.</summary>
internal sealed class MessageMemory(MemoryBudget node)
{
    // Messages up to this size are not counted.
    private const int SmallBytes = 16 << 10;
    private const int StepBytes = 64 << 10;

    private long _reserved;

    /// <summary>Reserves what a whole message takes while it is handled; false if there is no room.</summary>
    public bool TryReserve(FrontendCode code, long bytes) => TryReserve(bytes * FactorOf(code));

    /// <summary>Reserves bytes of a message that is being received; false if there is no room.</summary>
    public bool TryReserve(long bytes)
    {
        if (bytes <= SmallBytes || bytes <= _reserved)
        {
            return true;
        }

        var step = (bytes - _reserved + StepBytes - 1) / StepBytes * StepBytes;
        if (!node.TryReserve(step, small: _reserved + step <= StepBytes))
        {
            return false;
        }

        _reserved += step;
        return true;
    }

    public void Release()
    {
        if (_reserved > 0)
        {
            node.Release(_reserved);
            _reserved = 0;
        }
    }

    // How many times larger a message is in memory: a text as bytes, as characters, and cut into statements; parameters as they came and as they
    // are stored.
    private static int FactorOf(FrontendCode code) => code switch
    {
        FrontendCode.Query or FrontendCode.Parse => 8,
        FrontendCode.Bind => 4,
        _ => 2,
    };
}
