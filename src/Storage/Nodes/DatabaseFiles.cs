namespace Rqlite.Pg.Storage;

/// <summary>The sizes of a database's files: <c>pg_database_size()</c>, the bytes of the main file and of its -wal.</summary>
internal static class DatabaseFiles
{
    public static NodeSql FunctionsOf(string path) => new([new NodeFunction("pg_database_size", 0, _ => LengthOf(path) + LengthOf(path + "-wal"))], []);

    private static long LengthOf(string path)
    {
        try
        {
            return new FileInfo(path).Length;
        }
        catch (FileNotFoundException)
        {
            return 0;
        }
    }
}
