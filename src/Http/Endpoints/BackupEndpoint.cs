using System.IO.Compression;
using Microsoft.AspNetCore.Http;
using Rqlite.Pg.Cluster;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Http;

/// <summary><c>GET /db/backup</c>: the database as a SQLite file or as SQL, streamed at the client's pace.</summary>
internal static class BackupEndpoint
{
    public static async Task HandleAsync(ApiServices services, HttpContext context, QueryParameters parameters)
    {
        var format = parameters.Format switch
        {
            "sql" => BackupFormat.Sql,
            "delete" => BackupFormat.Delete,
            _ => BackupFormat.Binary,
        };
        if (parameters.Vacuum && format != BackupFormat.Binary)
        {
            throw new RequestException(StatusCodes.Status500InternalServerError, "invalid backup format");
        }

        var token = context.RequestAborted;
        var request = new BackupRequest(format, parameters.Vacuum, format == BackupFormat.Sql ? parameters.Tables : []);
        try
        {
            var files = services.Database.Files ?? throw new ClusterException(ClusterError.NotReady, "this node makes no backups");
            var backup = await files.BackUpAsync(request, parameters.NoLeader, !parameters.Redirect, parameters.Timeout, token).ConfigureAwait(false);
            await using (backup.ConfigureAwait(false))
            {
                await SendAsync(services, context, parameters, format, backup, token).ConfigureAwait(false);
            }
        }
        catch (ClusterException e) when (e.Error is ClusterError.NotReady or ClusterError.Invalid or ClusterError.Timeout or ClusterError.Unreachable
            or ClusterError.OutcomeUnknown && !context.Response.HasStarted)
        {
            throw new RequestException(StatusCodes.Status500InternalServerError, ErrorMapping.Text(e), e);
        }
    }

    private static async Task SendAsync(
        ApiServices services, HttpContext context, QueryParameters parameters, BackupFormat format, BackupContent backup, CancellationToken token)
    {
        services.SetServedBy(context, backup.ServedBy);
        var response = context.Response;
        response.ContentType = format == BackupFormat.Sql ? "application/sql" : "application/octet-stream";
        if (!parameters.Compress)
        {
            response.ContentLength = backup.Length;
            await backup.CopyToAsync(response.Body, token).ConfigureAwait(false);
            return;
        }

        var compressed = new GZipStream(response.Body, CompressionLevel.Fastest, leaveOpen: true);
        await using (compressed.ConfigureAwait(false))
        {
            await backup.CopyToAsync(compressed, token).ConfigureAwait(false);
        }
    }
}
