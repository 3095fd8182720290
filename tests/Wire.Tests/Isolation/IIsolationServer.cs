using Rqlite.Pg.Wire.Tests.Scripting;

namespace Rqlite.Pg.Wire.Tests.Isolation;

/// <summary>A server on which an order of steps is played, with an empty database.</summary>
internal interface IIsolationServer : IAsyncDisposable
{
    /// <summary>Opens a session; <see cref="WireClient"/> has had its ReadyForQuery.</summary>
    ValueTask<IsolationSession> ConnectAsync(string name);

    /// <summary>Called when the tables of the script are there, before its first step.</summary>
    ValueTask PreparedAsync() => ValueTask.CompletedTask;

    /// <summary>True if the session waits for another one, and nothing but that one's doing can let it go on.</summary>
    ValueTask<bool> WaitsAsync(IsolationSession session);

    /// <summary>Asks for the end of what the session runs.</summary>
    Task CancelAsync(IsolationSession session);

    /// <summary>Waits until the server has noticed that the client of the session has left.</summary>
    Task GoneAsync(IsolationSession session);
}
