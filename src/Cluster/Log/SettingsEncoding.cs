using System.Buffers;
using System.Text;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <summary>
/// <see cref="SessionSettings"/> in the log and between nodes: user, session user, database; count of schemas (int32) and each of them; count of
/// other settings (int32), and for each its name and value.
/// </summary>
internal static class SettingsEncoding
{
    public const int BytesMin = (3 * 4) + 4 + 4;

    public static long Measure(SessionSettings settings)
    {
        var bytes = BytesMin + (long)Count(settings.User) + Count(settings.SessionUser) + Count(settings.Database);
        foreach (var schema in settings.SearchPath)
        {
            bytes += 4 + Count(schema);
        }

        foreach (var (name, value) in settings.Values)
        {
            bytes += 8 + Count(name) + Count(value);
        }

        return bytes;
    }

    public static void Write(IBufferWriter<byte> output, SessionSettings settings)
    {
        output.WriteString(settings.User);
        output.WriteString(settings.SessionUser);
        output.WriteString(settings.Database);
        output.WriteInt32(settings.SearchPath.Count);
        foreach (var schema in settings.SearchPath)
        {
            output.WriteString(schema);
        }

        output.WriteInt32(settings.Values.Count);
        foreach (var (name, value) in settings.Values)
        {
            output.WriteString(name);
            output.WriteString(value);
        }
    }

    /// <exception cref="InvalidDataException">The bytes are no settings.</exception>
    public static SessionSettings Read(ref FieldReader reader)
    {
        var user = reader.ReadString();
        var sessionUser = reader.ReadString();
        var database = reader.ReadString();
        var path = new string[reader.ReadCount(4)];
        for (var i = 0; i < path.Length; i++)
        {
            path[i] = reader.ReadString();
        }

        var count = reader.ReadCount(8);
        var values = new Dictionary<string, string>(count, StringComparer.Ordinal);
        for (var i = 0; i < count; i++)
        {
            var name = reader.ReadString();
            if (!values.TryAdd(name, reader.ReadString()))
            {
                throw new InvalidDataException($"The setting {name} is there twice.");
            }
        }

        return new(user, sessionUser, database, path, values);
    }

    private static int Count(string text) => Encoding.UTF8.GetByteCount(text);
}
