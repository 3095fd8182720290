using Rqlite.Pg.Wire.Tests.Scripting;

namespace Rqlite.Pg.Wire.Tests;

/// <summary>What clients are in the middle of when they vanish; each writes two rows with one tag in a block or pipeline, or only reads.</summary>
internal static class Departures
{
    /// <summary>More than the buffers of two sockets hold.</summary>
    private const string ManyRows =
        "with recursive c(n) as (select 1 union all select n + 1 from c where n < 20000) select n, 'a text of ordinary length, again and again' as t from c";

    public static IReadOnlyList<(string Name, Func<int, ClientMessages> Messages)> All { get; } =
    [
        ("block", tag => Start()
            .Query("begin")
            .Query($"insert into gone values ({tag})")
            .Query("savepoint s")
            .Query($"insert into gone values ({tag})")
            .Query("select count(*) from gone")
            .Query("commit")),
        ("snapshot", tag => Start()
            .Query("begin isolation level repeatable read")
            .Query("select count(*) from gone where tag < 0")
            .Query($"insert into gone values ({tag}), ({tag})")
            .Query("commit")),
        ("failed block", tag => Start()
            .Query("begin")
            .Query($"insert into gone values ({tag}), ({tag})")
            .Query("savepoint s")
            .Query("insert into nowhere values (1)")
            .Query("rollback to s")
            .Query("commit")),
        ("extended block", tag => Start()
            .Parse("b", "begin").Bind("", "b").Execute().Sync()
            .Parse("i", "insert into gone values ($1)").Bind("", "i", $"{tag}").Describe('P', "").Execute()
            .Bind("", "i", $"{tag}").Execute().Sync()
            .Parse("c", "commit").Bind("", "c").Execute().Sync()),
        ("pipeline", tag => Start()
            .Parse("i", "insert into gone values ($1)", 23).Bind("", "i", $"{tag}").Execute()
            .Bind("", "i", $"{tag}").Execute().Sync()),
        ("pipeline without an end", _ => Repeat(Start().Parse("i", "insert into gone values (-1)"), 10, m => m.Bind("", "i").Execute())),
        ("portals", _ => Start()
            .Query("begin isolation level serializable")
            .Parse("", ManyRows).Bind("p", "").Execute("p", 3).Execute("p", 3).Flush().Execute("p", 3).Sync()
            .Query("select 1")),
        ("rows", _ => Start().Query(ManyRows).Query("select 1")),
        ("rows in a block that writes", _ => Start().Query("begin").Query("lock table gone").Query(ManyRows).Query("select 1")),
        ("copy", _ => Start().Query($"copy ({ManyRows}) to stdout").Query("select 1")),
        ("copy in a block", _ => Start().Query("begin isolation level repeatable read").Query($"copy ({ManyRows}) to stdout").Query("commit")),
    ];

    public static ClientMessages Start() => new ClientMessages().Startup(196608, ("user", "u"), ("database", "d"));

    private static ClientMessages Repeat(ClientMessages messages, int times, Func<ClientMessages, ClientMessages> more)
    {
        for (var i = 0; i < times; i++)
        {
            more(messages);
        }

        return messages;
    }
}
