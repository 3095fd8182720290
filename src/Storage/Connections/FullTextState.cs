namespace Rqlite.Pg.Storage;

/// <summary>
/// The state that SQLite's FTS5 keeps with a connection and shows to statements: the number of the last cursor, which is the value of the column named
/// after a table, and the random bytes with which <c>fts5_locale()</c> begins its values. Both would differ from node to node.
/// </summary>
internal sealed unsafe class FullTextState
{
    // The version of the interface whose size and surroundings (fts5.h and fts5_main.c of SQLite) are known here.
    private const int Version = 3;

    private readonly Global* _global;

    private FullTextState(Global* global) => _global = global;

    /// <exception cref="StorageException">This build of SQLite keeps its state elsewhere.</exception>
    public static FullTextState Of(nint db)
    {
        var global = Find(db);
        if (global == null || global->InterfaceVersion != Version || global->Database != db)
        {
            throw new StorageException(ResultCode.Internal, "This build of SQLite has another FTS5 than is known here.");
        }

        "rqlite-fts5-loc\0"u8.CopyTo(new Span<byte>(global->LocaleHead, Global.LocaleHeadBytes));
        return new FullTextState(global);
    }

    /// <summary>Numbers the cursors of the next statement from 1; no cursor may be open.</summary>
    public void BeginStatement() => _global->LastCursor = 0;

    private static Global* Find(nint db)
    {
        Global* global = null;
        nint statement;
        fixed (byte* sql = "SELECT fts5(?1)\0"u8, type = "fts5_api_ptr\0"u8)
        {
            if (Native.sqlite3_prepare_v3(db, sql, -1, 0, &statement, null) == ResultCode.Ok)
            {
                _ = Native.sqlite3_bind_pointer(statement, 1, &global, type, 0);
                _ = Native.sqlite3_step(statement);
            }

            _ = Native.sqlite3_finalize(statement);
        }

        return global;
    }

    /// <summary>The structure that begins with the interface.</summary>
    internal struct Global
    {
        public const int LocaleHeadBytes = 16;

        public int InterfaceVersion;
        public fixed long Functions[5];
        public nint Database;
        public long LastCursor;
        public fixed long Lists[4];
        public fixed byte LocaleHead[LocaleHeadBytes];
    }
}
