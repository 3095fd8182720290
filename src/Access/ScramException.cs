namespace Rqlite.Pg.Access;

/// <summary>What is wrong with a SCRAM message.</summary>
public enum ScramFault
{
    /// <summary>It is not one.</summary>
    Malformed,

    /// <summary>Client and server do not agree on the channel.</summary>
    Channel,

    /// <summary>It asks for what the server does not have.</summary>
    NotSupported,
}

/// <summary>Ends a SCRAM exchange, with the message that the client gets.</summary>
public sealed class ScramException(ScramFault fault, string message, string? detail = null) : Exception(message)
{
    public ScramFault Fault { get; } = fault;

    public string? Detail { get; } = detail;
}
