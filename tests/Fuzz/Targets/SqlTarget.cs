using System.Text;
using Rqlite.Pg.Dialect;

namespace Rqlite.Pg.Fuzz.Targets;

/// <summary>Query strings in PostgreSQL's dialect.</summary>
internal sealed class SqlTarget : IFuzzTarget
{
    public string Name => "sql";

    public ValueTask RunAsync(byte[] input)
    {
        try
        {
            SqlParser.Parse(Encoding.UTF8.GetString(input));
        }
        catch (DialectException)
        {
            // The client is told; that is what it is for.
        }

        return default;
    }
}
