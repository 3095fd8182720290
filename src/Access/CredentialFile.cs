using System.Text.Json;
using System.Text.RegularExpressions;

namespace Rqlite.Pg.Access;

/// <summary>
/// Reads the credentials file, which has rqlite's form: a JSON array of objects with <c>username</c>, <c>password</c> and <c>perms</c>. What
/// rqlite would read in a way that nobody means is refused.
/// </summary>
internal static partial class CredentialFile
{
    public const int BytesMax = 1 << 20;

    /// <summary>The user that everybody is, also without a login.</summary>
    public const string Everyone = "*";

    private const int UsersMax = 10_000;
    private const int NameMax = 256;
    private const int PasswordMax = 512;

    /// <param name="unknown">Names of permissions that nobody has heard of; rqlite takes them too.</param>
    /// <exception cref="FormatException">The message names the entry and what is wrong with it, and no password.</exception>
    public static IReadOnlyList<CredentialEntry> Parse(ReadOnlyMemory<byte> json, out IReadOnlyList<string> unknown)
    {
        var strange = new List<string>();
        var entries = new List<CredentialEntry>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 4 });
            if (document.RootElement.ValueKind != JsonValueKind.Array)
            {
                throw new FormatException("it is not a JSON array of users");
            }

            foreach (var element in document.RootElement.EnumerateArray())
            {
                var entry = ParseEntry(element, entries.Count + 1, strange);
                if (!names.Add(entry.Name))
                {
                    throw new FormatException($"user \"{entry.Name}\" is there twice");
                }

                entries.Add(entry);
                if (entries.Count > UsersMax)
                {
                    throw new FormatException($"it has more than {UsersMax} users");
                }
            }
        }
        catch (JsonException e)
        {
            throw new FormatException($"it is not JSON, at line {e.LineNumber + 1}", e);
        }
        catch (InvalidOperationException e)
        {
            // A text that is not Unicode.
            throw new FormatException("it has a text that cannot be read", e);
        }

        unknown = strange;
        return entries;
    }

    private static CredentialEntry ParseEntry(JsonElement element, int number, List<string> unknown)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            throw new FormatException($"entry {number} is not an object");
        }

        string? name = null;
        string? password = null;
        var permissions = Permissions.None;
        foreach (var property in element.EnumerateObject())
        {
            // Go reads the names of fields in any case.
            switch (property.Name.ToLowerInvariant())
            {
                case "username":
                    name = TextOf(property.Value, number, "username");
                    break;
                case "password":
                    password = TextOf(property.Value, number, "password");
                    break;
                case "perms":
                    permissions = PermissionsOf(property.Value, number, unknown);
                    break;
                default:
                    // rqlite takes fields that it does not know.
                    break;
            }
        }

        if (name is not { Length: > 0 and <= NameMax } || name.Any(char.IsControl) || name.Contains(':', StringComparison.Ordinal))
        {
            throw new FormatException($"entry {number} has no username of 1 to {NameMax} characters without a colon");
        }

        if (name == Everyone)
        {
            return new CredentialEntry(name, null, permissions);
        }

        CheckPassword(name, password);
        return new CredentialEntry(name, password, permissions);
    }

    private static void CheckPassword(string name, string? password)
    {
        var fault = password switch
        {
            null or "" => "has no password",
            { Length: > PasswordMax } => $"has a password of more than {PasswordMax} characters",
            _ when password.Contains('\0', StringComparison.Ordinal) => "has a password with a NUL character",
            _ when password.StartsWith(ScramVerifier.Prefix, StringComparison.Ordinal) =>
                ScramVerifier.TryParse(password, out _) ? null : "has a password that begins like a SCRAM verifier and is none that can be used",
            _ when Hash().IsMatch(password) =>
                "has a bcrypt or MD5 hash for a password; rqlited -hash-password makes hashes that can be used",
            _ => null,
        };
        if (fault is not null)
        {
            throw new FormatException($"user \"{name}\" {fault}");
        }
    }

    private static Permissions PermissionsOf(JsonElement list, int number, List<string> unknown)
    {
        if (list.ValueKind == JsonValueKind.Null)
        {
            return Permissions.None;
        }

        if (list.ValueKind != JsonValueKind.Array)
        {
            throw new FormatException($"perms of entry {number} is not an array");
        }

        var permissions = Permissions.None;
        foreach (var element in list.EnumerateArray())
        {
            var name = TextOf(element, number, "perms");
            if (PermissionNames.TryParse(name, out var permission))
            {
                permissions |= permission;
            }
            else
            {
                unknown.Add(name);
            }
        }

        return permissions;
    }

    private static string TextOf(JsonElement element, int number, string field) => element.ValueKind == JsonValueKind.String
        ? element.GetString()!
        : throw new FormatException($"{field} of entry {number} is not a text");

    // Somebody who has read the hash elsewhere could log in with it.
    [GeneratedRegex(@"^(\$2[abxy]?\$|md5[0-9a-f]{32}$)")]
    private static partial Regex Hash();
}
