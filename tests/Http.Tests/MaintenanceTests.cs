using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text;
using Rqlite.Pg.Cluster;
using Rqlite.Pg.Http.Tests.Doubles;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Http.Tests;

/// <summary>Backups, loads and what else an operator asks for, without a database beneath.</summary>
public sealed class MaintenanceTests
{
    [Fact]
    public async Task A_backup_has_rqlites_types_and_its_length_where_that_is_known()
    {
        var files = new ScriptedFiles();
        await using var server = await TestServer.StartAsync(new ScriptedDatabase(() => []) { Files = files }, new ScriptedControl());
        var (status, body, message) = await server.SendAsync("GET", "/db/backup");
        Assert.Equal((200, "the backup"), (status, body));
        Assert.Equal(("application/octet-stream", 10L), (message.Content.Headers.ContentType!.ToString(), message.Content.Headers.ContentLength));
        Assert.Equal("h1:4001", message.Headers.GetValues("X-RQLITE-SERVED-BY").Single());
        Assert.Equal((BackupFormat.Binary, false, false, true), (files.Request!.Format, files.Request.Vacuum, files.AnyNode, files.Forward));

        (_, _, message) = await server.SendAsync("GET", "/db/backup?fmt=sql&tables=a,b%20c&noleader");
        Assert.Equal("application/sql", message.Content.Headers.ContentType!.ToString());
        Assert.Equal(BackupFormat.Sql, files.Request.Format);
        Assert.Equal(["a", "b c"], files.Request.Tables);
        Assert.True(files.AnyNode);

        (_, _, message) = await server.SendAsync("GET", "/db/backup?fmt=delete&compress&redirect");
        using var inflated = new StreamReader(new GZipStream(await message.Content.ReadAsStreamAsync(), CompressionMode.Decompress));
        Assert.Equal("the backup", await inflated.ReadToEndAsync());
        Assert.Empty(message.Content.Headers.ContentEncoding);
        Assert.Equal((BackupFormat.Delete, false), (files.Request.Format, files.Forward));
        Assert.Equal(3, files.Ended);

        await server.SendAsync("GET", "/db/backup?vacuum&fmt=other");
        Assert.Equal((BackupFormat.Binary, true), (files.Request.Format, files.Request.Vacuum));
        foreach (var format in (string[])["sql", "delete"])
        {
            (status, body, _) = await server.SendAsync("GET", $"/db/backup?vacuum&fmt={format}");
            Assert.Equal((500, "invalid backup format\n"), (status, body));
        }

        Assert.Equal(405, (await server.SendAsync("POST", "/db/backup")).Status);
    }

    [Fact]
    public async Task A_backup_that_cannot_be_made_says_why()
    {
        var files = new ScriptedFiles();
        await using var server = await TestServer.StartAsync(new ScriptedDatabase(() => []) { Files = files }, new ScriptedControl { IsLeader = false, Self = ScriptedControl.N3 });
        (ClusterException, int, string)[] cases =
        [
            (new(ClusterError.DiskFull, "not enough disk space"), 507, "not enough disk space\n"),
            (new(ClusterError.Busy, "failed to acquire backup CAS lock"), 503, "failed to acquire backup CAS lock\n"),
            (new(ClusterError.NoLeader, "leader not found"), 503, "leader not found\n"),
            (new(ClusterError.NotReady, "The backup failed"), 500, "The backup failed\n"),
        ];
        foreach (var (failure, status, text) in cases)
        {
            files.Failure = failure;
            var answer = await server.SendAsync("GET", "/db/backup");
            Assert.Equal((status, text), (answer.Status, answer.Body));
        }

        files.Failure = new(ClusterError.NotLeader, "not leader", ScriptedControl.N1);
        var redirected = await server.SendAsync("GET", "/db/backup?redirect&fmt=sql");
        Assert.Equal((301, "http://h1:4001/db/backup?redirect&fmt=sql"), (redirected.Status, redirected.Message.Headers.Location!.OriginalString));

        // A file that breaks off must not look whole.
        files.Failure = null;
        files.Breaks = true;
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => server.SendAsync("GET", "/db/backup?compress"));
        Assert.Equal(1, files.Ended);
    }

    [Fact]
    public async Task A_dump_is_one_statement_that_takes_effect_as_a_whole()
    {
        var database = new ScriptedDatabase(() => [new ListCursor(ListCursor.Columns(), [], new StatementOutcome(false, 1, 3, default, null))]);
        await using var server = await TestServer.StartAsync(database, new ScriptedControl(), new HttpOptions { Version = "v1", ForeignKeys = true });
        const string Dump = "PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\nCREATE TABLE t(a);\nINSERT INTO t VALUES('BEGIN; COMMIT;');\nCOMMIT;\n";
        var answer = await server.SendAsync("POST", "/db/load", new StringContent(Dump));
        Assert.Equal((200, """{"results":[{"last_insert_id":3,"rows_affected":1}]}"""), (answer.Status, answer.Body));
        var sql = Encoding.UTF8.GetString(database.Batch!.Statements.Single().Sql.Span);
        Assert.Equal(Dump.Length, sql.Length);
        Assert.Equal("CREATE TABLE t(a);\nINSERT INTO t VALUES('BEGIN; COMMIT;');", sql.Trim());
        Assert.Equal(BatchOptions.Atomic | BatchOptions.DiscardReads | BatchOptions.DoubleQuotedText, database.Batch.Options);

        await server.SendAsync("POST", "/db/load", new StringContent("INSERT INTO t VALUES(1)"));
        Assert.True(database.Batch.Options.HasFlag(BatchOptions.ForeignKeys));
    }

    [Fact]
    public async Task A_dump_over_the_limit_is_told_of_the_other_way()
    {
        await using var server = await TestServer.StartAsync(new ScriptedDatabase(() => []), new ScriptedControl(), new HttpOptions { BodyBytesMax = 1000 });
        var answer = await server.SendAsync("POST", "/db/load", new StringContent(new string('-', 1001)));
        Assert.Equal(413, answer.Status);
        Assert.Equal(
            "the SQL text is larger than 1000 bytes, which is the limit of one entry of the log: load the database as a SQLite file instead\n", answer.Body);
    }

    [Theory]
    [InlineData("BEGIN;END;COMMIT TRANSACTION", "")]
    [InlineData("begin immediate; SELECT 1; commit", "SELECT 1;")]
    [InlineData("CREATE TRIGGER x AFTER INSERT ON t BEGIN SELECT 1; COMMIT; END; COMMIT;", "CREATE TRIGGER x AFTER INSERT ON t BEGIN SELECT 1; COMMIT; END;")]
    [InlineData("CREATE TEMP TRIGGER x AFTER INSERT ON t BEGIN BEGIN; END;BEGIN;", "CREATE TEMP TRIGGER x AFTER INSERT ON t BEGIN BEGIN; END;")]
    [InlineData("/* BEGIN; */ -- COMMIT;\nSELECT ';COMMIT;'", "/* BEGIN; */ -- COMMIT;\nSELECT ';COMMIT;'")]
    [InlineData("ANALYZE sqlite_schema; ANALYZE t", "ANALYZE t")]
    [InlineData("INSERT INTO sqlite_stat1 VALUES('t',NULL,'1'); INSERT INTO \"sqlite_stat1\" VALUES(1); SELECT 1", "SELECT 1\n;ANALYZE")]
    [InlineData("PRAGMA user_version=3", "PRAGMA user_version=3")]
    [InlineData("PRAGMA foreign_keys=ON;ROLLBACK", "ROLLBACK")]
    public void What_an_entry_is_by_itself_is_left_out(string dump, string left) =>
        Assert.Equal(left, Encoding.UTF8.GetString(DumpText.Read(Encoding.UTF8.GetBytes(dump)).Sql).Trim());

    [Theory]
    [InlineData("PRAGMA writable_schema=ON")]
    [InlineData("SELECT 1; INSERT INTO sqlite_schema(type) VALUES('table')")]
    [InlineData("INSERT INTO sqlite_master VALUES(1)")]
    public void A_dump_that_writes_the_schema_table_is_refused(string dump) =>
        Assert.Contains("virtual tables", Assert.Throws<RequestException>(() => DumpText.Read(Encoding.UTF8.GetBytes(dump))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task A_SQLite_file_is_known_by_its_first_bytes()
    {
        var files = new ScriptedFiles();
        var database = new ScriptedDatabase(() => []) { Files = files };
        var control = new ScriptedControl();
        await using var server = await TestServer.StartAsync(database, control, new HttpOptions { BodyBytesMax = 100 });
        var file = new byte[100_000];
        "SQLite format 3\0"u8.CopyTo(file);
        var answer = await server.SendAsync("POST", "/db/load?pretty", File(file));
        Assert.Equal((200, "{\n    \"results\": []\n}"), (answer.Status, answer.Body));
        Assert.Equal(file, files.Loaded);

        files.Failure = new(ClusterError.Invalid, "invalid SQLite data: no");
        answer = await server.SendAsync("POST", "/db/load", File(file));
        Assert.Equal((400, "invalid SQLite data: no\n"), (answer.Status, answer.Body));
        files.Failure = new(ClusterError.Busy, "another database is being loaded");
        Assert.Equal(503, (await server.SendAsync("POST", "/db/load", File(file))).Status);
        files.Failure = null;

        answer = await server.SendAsync("POST", "/boot", File(file));
        Assert.Equal((503, "not single-node\n"), (answer.Status, answer.Body));
        control.MemberCount = 1;
        answer = await server.SendAsync("POST", "/boot", File(file));
        Assert.Equal((200, ""), (answer.Status, answer.Body));
        answer = await server.SendAsync("POST", "/boot", new StringContent("CREATE TABLE t(a)"));
        Assert.Equal((400, "invalid SQLite data\n"), (answer.Status, answer.Body));
        control.IsLeader = false;
        Assert.Equal((503, "not leader\n"), (await server.SendAsync("POST", "/boot", File(file))) is var (s, b, _) ? (s, b) : default);
    }

    [Fact]
    public async Task Licenses_name_every_package_that_ships()
    {
        await using var server = await TestServer.StartAsync(new ScriptedDatabase(() => []), new ScriptedControl());
        var answer = await server.SendAsync("GET", "/licenses");
        Assert.Equal("text/plain; charset=utf-8", answer.Message.Content.Headers.ContentType!.ToString());
        foreach (var package in (string[])["Microsoft.Data.Sqlite.Core", "DotNext.Net.Cluster", "NodaTime", "SQLitePCLRaw.core", "System.CommandLine", "Apache License"])
        {
            Assert.Contains(package, answer.Body, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_snapshot_without_anything_new_has_no_content()
    {
        var control = new ScriptedControl();
        await using var server = await TestServer.StartAsync(new ScriptedDatabase(() => []), control);
        Assert.Equal(204, (await server.SendAsync("POST", "/snapshot")).Status);
        control.HasNew = true;
        Assert.Equal(200, (await server.SendAsync("POST", "/snapshot?trailing_logs=7")).Status);
        Assert.Equal(7, control.Trailing);
        Assert.Equal(200, (await server.SendAsync("POST", "/snapshot?trailing_logs=0")).Status);
        Assert.Null(control.Trailing);
        Assert.Equal("{\"snapshots_reaped\":2,\"wals_checkpointed\":1}\n", (await server.SendAsync("POST", "/reap")).Body);
        control.Failure = new(ClusterError.NotReady, "store not open");
        var answer = await server.SendAsync("POST", "/snapshot");
        Assert.Equal((500, "store not open\n"), (answer.Status, answer.Body));
    }

    private static ByteArrayContent File(byte[] bytes) =>
        new(bytes) { Headers = { ContentType = new MediaTypeHeaderValue("application/x-www-form-urlencoded") } };

    private sealed class ScriptedFiles : IDatabaseFiles
    {
        public BackupRequest? Request { get; private set; }

        public bool AnyNode { get; private set; }

        public bool Forward { get; private set; }

        public byte[]? Loaded { get; private set; }

        public ClusterException? Failure { get; set; }

        public bool Breaks { get; set; }

        public int Ended { get; private set; }

        public ValueTask<BackupContent> BackUpAsync(BackupRequest request, bool anyNode, bool forward, TimeSpan timeout, CancellationToken token)
        {
            (Request, AnyNode, Forward) = (request, anyNode, forward);
            return Failure is null ? new(new Content(this, request.Format)) : throw Failure;
        }

        public async ValueTask LoadAsync(Stream file, bool forward, TimeSpan timeout, CancellationToken token)
        {
            using var bytes = new MemoryStream();
            await file.CopyToAsync(bytes, token);
            Loaded = bytes.ToArray();
            if (Failure is not null)
            {
                throw Failure;
            }
        }

        private sealed class Content(ScriptedFiles files, BackupFormat format) : BackupContent
        {
            public override long? Length => format == BackupFormat.Sql ? null : 10;

            public override NodeDescription? ServedBy => null;

            public override async ValueTask CopyToAsync(Stream destination, CancellationToken token)
            {
                await destination.WriteAsync("the backup"u8.ToArray(), token);
                await destination.FlushAsync(token);
                if (files.Breaks)
                {
                    throw new IOException("the disk fails");
                }
            }

            public override ValueTask DisposeAsync()
            {
                files.Ended++;
                return ValueTask.CompletedTask;
            }
        }
    }
}
