using System.Buffers.Binary;
using Rqlite.Pg.Types;
using Rqlite.Pg.Wire.Errors;
using Rqlite.Pg.Wire.Messages;

namespace Rqlite.Pg.Wire.Startup;

/// <summary>The first packet of a session: protocol version and parameters (manual, 55.7, StartupMessage).</summary>
internal sealed record StartupMessage(int Version, IReadOnlyList<KeyValuePair<string, string>> Parameters)
{
    public const int BytesMax = 10_000;
    public const int SslRequest = 80877103;
    public const int GssEncRequest = 80877104;
    public const int CancelRequest = 80877102;
    public const int NewestMinor = 2;

    public int Major => Version >> 16;

    public int Minor => Version & 0xffff;

    /// <summary>The protocol version of the session: never newer than the client's.</summary>
    public int NegotiatedVersion => (3 << 16) | Math.Min(Minor, NewestMinor);

    /// <summary>Names of protocol options, of which we know none.</summary>
    public IReadOnlyList<string> ProtocolOptions { get; } =
        [.. Parameters.Where(p => p.Key.StartsWith("_pq_.", StringComparison.Ordinal)).Select(p => p.Key)];

    /// <summary>True for protocol 3.2 and newer, which has the long cancel key.</summary>
    public bool LongCancelKey => Minor >= 2;

    /// <summary>The name of the user.</summary>
    /// <exception cref="PgException">FATAL: there is none.</exception>
    public string User => this["user"] is { Length: > 0 } name
        ? name
        : throw PgException.Fatal(SqlState.InvalidAuthorizationSpecification, "no PostgreSQL user name specified in startup packet");

    public string? this[string name] => Parameters.LastOrDefault(p => p.Key == name).Value;

    /// <param name="body">The packet after its length.</param>
    public static StartupMessage Parse(ReadOnlySpan<byte> body)
    {
        var version = BinaryPrimitives.ReadInt32BigEndian(body);
        if (version >> 16 != 3)
        {
            throw PgException.Fatal(
                SqlState.FeatureNotSupported,
                $"unsupported frontend protocol {version >> 16}.{version & 0xffff}: server supports 3.0 to 3.{NewestMinor}");
        }

        var parameters = new List<KeyValuePair<string, string>>();
        var reader = new MessageReader(body[4..], ClientEncoding.Utf8);
        try
        {
            while (reader.ReadText() is { Length: > 0 } name)
            {
                parameters.Add(new(name, reader.ReadText()));
            }

            reader.End();
        }
        catch (PgException exception) when (exception.Error.SqlState == SqlState.ProtocolViolation)
        {
            throw PgException.Fatal(
                SqlState.ProtocolViolation, "invalid startup packet layout: expected terminator as last byte");
        }

        return new StartupMessage(version, parameters);
    }
}
