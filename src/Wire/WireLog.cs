using System.Net;
using Microsoft.Extensions.Logging;

namespace Rqlite.Pg.Wire;

/// <summary>Log messages of the PostgreSQL listener.</summary>
internal static partial class WireLog
{
    [LoggerMessage(4000, LogLevel.Information, "Listening for PostgreSQL clients on {EndPoint}")]
    public static partial void Listening(this ILogger logger, EndPoint endPoint);

    [LoggerMessage(4001, LogLevel.Information, "No longer listening for PostgreSQL clients; {Connections} connections were open")]
    public static partial void Stopped(this ILogger logger, int connections);

    [LoggerMessage(4002, LogLevel.Warning, "Accepting a connection failed")]
    public static partial void AcceptFailed(this ILogger logger, Exception exception);

    [LoggerMessage(4010, LogLevel.Debug, "Connection {ConnectionId}: session of {User} on {DatabaseName} started")]
    public static partial void SessionStarted(this ILogger logger, int connectionId, string user, string databaseName);

    [LoggerMessage(4011, LogLevel.Debug, "Connection {ConnectionId} ended")]
    public static partial void SessionEnded(this ILogger logger, int connectionId);

    [LoggerMessage(4012, LogLevel.Debug, "Connection {ConnectionId} was lost: {Reason}")]
    public static partial void ConnectionLost(this ILogger logger, int connectionId, string reason);

    [LoggerMessage(4013, LogLevel.Debug, "Connection {ConnectionId}: FATAL {SqlState}: {Reason}")]
    public static partial void SessionRefused(this ILogger logger, int connectionId, string sqlState, string reason);

    [LoggerMessage(4014, LogLevel.Error, "Connection {ConnectionId} ended by a failure of the server itself")]
    public static partial void SessionFailed(this ILogger logger, Exception exception, int connectionId);

    [LoggerMessage(4015, LogLevel.Error, "A statement failed for a reason of the server itself")]
    public static partial void StatementFailed(this ILogger logger, Exception exception);

    [LoggerMessage(4016, LogLevel.Warning, "Connection {ConnectionId} from {Client} was ended: {SqlState}: {Reason}")]
    public static partial void BadConnection(this ILogger logger, int connectionId, string client, string sqlState, string reason);

    [LoggerMessage(4017, LogLevel.Warning, "{Count} connections more did not speak the protocol")]
    public static partial void BadConnectionsLeftOut(this ILogger logger, long count);

    [LoggerMessage(4018, LogLevel.Error, "A translated statement cannot be prepared: {Problem}; it was: {SqlText}; translated: {Translated}")]
    public static partial void TranslationNotPrepared(this ILogger logger, string sqlText, string translated, string problem);

    [LoggerMessage(4020, LogLevel.Trace, "Connection {ConnectionId}: {SqlText}")]
    public static partial void Query(this ILogger logger, int connectionId, string sqlText);
}
