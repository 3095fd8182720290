using System.Text;

namespace Rqlite.Pg.Access.Tests;

public sealed class CredentialFileTests
{
    [Fact]
    public void The_form_of_rqlite_is_read()
    {
        var entries = Parse("""
            [ {"username":"ops","password":"s3cr3t","perms":["all"]},
              {"username":"app","password":"pw","perms":["query","execute","join-read-replica"], "comment": 1},
              {"Username":"none","Password":"pw"},
              {"username":"*","perms":["ready","status"]} ]
            """);
        Assert.Equal(
            [
                new("ops", "s3cr3t", Permissions.All),
                new("app", "pw", Permissions.Query | Permissions.Execute | Permissions.JoinReadOnly),
                new("none", "pw", Permissions.None),
                new("*", null, Permissions.Ready | Permissions.Status),
            ],
            entries);
    }

    [Fact]
    public void Every_permission_of_rqlite_has_its_name()
    {
        string[] names =
        [
            "all", "execute", "query", "backup", "load", "snapshot", "status", "ready", "join", "join-read-only", "remove", "leader-ops", "ui",
        ];
        var seen = names.Select(static name =>
        {
            Assert.True(PermissionNames.TryParse(name, out var permission), name);
            return permission;
        }).ToHashSet();
        Assert.Equal(names.Length, seen.Count);
        Assert.Equal(Enum.GetValues<Permissions>().Length - 1, seen.Count);
    }

    [Theory]
    [InlineData("", "it is not JSON, at line 1")]
    [InlineData("{}", "it is not a JSON array of users")]
    [InlineData("[1]", "entry 1 is not an object")]
    [InlineData("[{}]", "entry 1 has no username of 1 to 256 characters without a colon")]
    [InlineData("[{\"username\":\"a:b\",\"password\":\"x\"}]", "entry 1 has no username of 1 to 256 characters without a colon")]
    [InlineData("[{\"username\":\"a\"}]", "user \"a\" has no password")]
    [InlineData("[{\"username\":\"a\",\"password\":\"\"}]", "user \"a\" has no password")]
    [InlineData("[{\"username\":\"a\",\"password\":1}]", "password of entry 1 is not a text")]
    [InlineData("[{\"username\":\"a\",\"password\":\"x\",\"perms\":\"all\"}]", "perms of entry 1 is not an array")]
    [InlineData("[{\"username\":\"a\",\"password\":\"x\"},{\"username\":\"a\",\"password\":\"y\"}]", "user \"a\" is there twice")]
    [InlineData("[{\"username\":\"a\",\"password\":\"SCRAM-SHA-256$no\"}]", "user \"a\" has a password that begins like a SCRAM verifier and is none that can be used")]
    [InlineData("[{\"username\":\"a\",\"password\":\"$2a$10$abcdefghijklmnopqrstuv\"}]", "user \"a\" has a bcrypt or MD5 hash for a password; rqlited -hash-password makes hashes that can be used")]
    public void A_file_that_cannot_be_meant_is_refused(string json, string message) =>
        Assert.Equal(message, Assert.Throws<FormatException>(() => Parse(json)).Message);

    /// <summary>rqlite lets such an entry have the permissions and the password of the one before.</summary>
    [Fact]
    public void An_entry_inherits_nothing_from_the_one_before() => Assert.Equal(
        Permissions.None,
        Parse("""[{"username":"a","password":"x","perms":["all"]},{"username":"b","password":"y"}]""")[1].Permissions);

    [Fact]
    public void Permissions_that_nobody_knows_are_told_and_grant_nothing()
    {
        var entries = CredentialFile.Parse("""[{"username":"a","password":"x","perms":["al","query"]}]"""u8.ToArray(), out var unknown);
        Assert.Equal(Permissions.Query, Assert.Single(entries).Permissions);
        Assert.Equal(["al"], unknown);
    }

    [Fact]
    public void Depth_and_size_are_bounded()
    {
        Assert.Throws<FormatException>(() => Parse(new string('[', 10_000)));
        var many = string.Join(',', Enumerable.Range(0, 10_001).Select(i => $$"""{"username":"u{{i}}","password":"x"}"""));
        Assert.Equal("it has more than 10000 users", Assert.Throws<FormatException>(() => Parse($"[{many}]")).Message);
    }

    private static IReadOnlyList<CredentialEntry> Parse(string json) => CredentialFile.Parse(Encoding.UTF8.GetBytes(json), out _);
}
