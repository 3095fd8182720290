using System.Collections;
using System.Text.RegularExpressions;

namespace Rqlite.Pg.Host;

/// <summary>Flags in the environment: <c>RQLITED_HTTP_ADDR</c> is <c>-http-addr</c>.</summary>
internal static partial class FlagVariables
{
    private const string Prefix = "RQLITED_";

    // A switch of tests; no flag of an operator.
    private const string TestPrefix = "RQLITED_TEST_";

    public static string NameOf(string flag) => Prefix + flag.Replace('-', '_').ToUpperInvariant();

    /// <param name="unfit">Tells why a flag cannot be a variable; null if it can.</param>
    /// <exception cref="FormatException">A variable is no flag: a mistyped <c>RQLITED_AUTH</c> must not open the node to everybody.</exception>
    public static Dictionary<string, FlagValue> Read(IDictionary environment, Func<string, string?> unfit)
    {
        var values = new Dictionary<string, FlagValue>();
        foreach (DictionaryEntry entry in environment)
        {
            if (entry.Key is not string variable || !variable.StartsWith(Prefix, StringComparison.Ordinal)
                || variable.StartsWith(TestPrefix, StringComparison.Ordinal) || OfService().IsMatch(variable))
            {
                continue;
            }

            var flag = variable[Prefix.Length..].Replace('_', '-').ToLowerInvariant();
            if (unfit(flag) is { } why)
            {
                throw new FormatException($"environment variable {variable}: {why}");
            }

            values[flag] = new FlagValue((string?)entry.Value ?? "", $"the environment variable {variable}");
        }

        return values;
    }

    /// <summary>Variables that Kubernetes gives every container for a service whose name begins with <c>rqlited</c>.</summary>
    [GeneratedRegex("_(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT|PORT_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)$")]
    private static partial Regex OfService();
}
