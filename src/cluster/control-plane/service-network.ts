/** Addresses that the cluster's own services have. */
export interface ServiceNetwork {
  readonly podCidr: string;
  readonly serviceCidr: string;
  /** Of the service `kubernetes`. */
  readonly apiServiceAddress: string;
  readonly dnsServiceAddress: string;
  /** Where the API server is reached from nodes and pods. */
  readonly apiAddress: string;
  readonly apiPort: number;
}
