using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Rqlite.Pg.DefinitionOracle;

// Records what a PostgreSQL 15 answers to scripts of definitions, each in a new database:
// dotnet run --project tests/DefinitionOracle -- /tmp/.s.PGSQL.5432 tests/Dialect.Tests/Definitions/Data [script…]
if (args.Length < 2)
{
    Console.Error.WriteLine("usage: DefinitionOracle <socket> <folder> [script…]");
    return 2;
}

const string Database = "definition_oracle";
var json = new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
foreach (var script in Scripts.Names.Where(name => args.Length == 2 || args.Skip(2).Contains(name)))
{
    using (var server = Session.Connect(args[0], "postgres"))
    {
        server.Run($"DROP DATABASE IF EXISTS {Database} WITH (FORCE)");
        server.Run($"CREATE DATABASE {Database} TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C.UTF-8' ENCODING 'UTF8'");
    }

    using var session = Session.Connect(args[0], Database);
    session.Run("SET TimeZone = 'UTC'");
    var text = new StringBuilder();
    foreach (var statement in Scripts.Read(script))
    {
        text.Append(JsonSerializer.Serialize(statement, json)).Append('\t').Append(JsonSerializer.Serialize(session.Run(statement), json)).Append('\n');
    }

    await File.WriteAllTextAsync(Path.Combine(args[1], $"definitions-{script}.tsv"), text.ToString(), new UTF8Encoding(false));
    Console.WriteLine(script);
}

return 0;
